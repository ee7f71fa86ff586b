from django.urls import path

from studio.catalog import views

app_name = "catalog"
urlpatterns = [
    path("products/", views.products, name="products"),
    path("products/samples/", views.add_sample, name="add_sample"),
    path("products/samples/<str:name>", views.sample_picture, name="sample_picture"),
    path("products/<uuid:product>/rename/", views.rename, name="rename"),
    path("products/<uuid:product>/photos/", views.add_photos, name="add_photos"),
    path("products/photos/<uuid:photo>/view", views.photo_view, name="photo_view"),
    path("products/photos/<uuid:photo>/garment/", views.garment, name="garment"),
    path("products/photos/<uuid:photo>/garment/read/", views.read_again, name="read_garment"),
    path("products/photos/<uuid:photo>/cutout/", views.retry_cutout, name="retry_cutout"),
]
