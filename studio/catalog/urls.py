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
    path("products/photos/<uuid:photo>/enhance/", views.enhance, name="enhance"),
    path("products/photos/<uuid:photo>/take-out/", views.take_out, name="take_out"),
    path("products/photos/<uuid:photo>/put-back/", views.put_back, name="put_back"),
    path(
        "products/enhancements/<uuid:enhancement>/keep/",
        views.keep_enhancement,
        name="keep_enhancement",
    ),
    path(
        "products/enhancements/<uuid:enhancement>/drop/",
        views.drop_enhancement,
        name="drop_enhancement",
    ),
]
