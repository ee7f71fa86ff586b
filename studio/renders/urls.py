from django.urls import path

from studio.renders import views

app_name = "renders"
urlpatterns = [
    path("products/<uuid:product>/", views.studio, name="studio"),
    path("products/photos/<uuid:photo>/order/", views.order, name="order"),
    path("products/renders/<uuid:render>/submit/", views.submit, name="submit"),
    path("batches/", views.batches, name="batches"),
    path("batches/<uuid:batch>/", views.batch, name="batch"),
    path("batches/<uuid:batch>/cancel/", views.cancel_batch, name="cancel_batch"),
]
