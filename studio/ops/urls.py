from django.contrib import admin
from django.urls import path

from studio.ops import views

app_name = "ops"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("admin/weights/", admin.site.admin_view(views.weights), name="weights"),
    path("metrics", views.metrics, name="metrics"),
]
