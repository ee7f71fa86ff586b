from django.urls import path

from studio.core import views

app_name = "core"
urlpatterns = [path("files/<str:token>/<str:name>", views.file, name="file")]
