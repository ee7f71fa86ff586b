from django.urls import path

from studio.backdrops import views

app_name = "backdrops"
urlpatterns = [
    path("backdrops/", views.backdrops, name="backdrops"),
    path("backdrops/<uuid:backdrop>/", views.backdrop, name="backdrop"),
    path("backdrops/<uuid:backdrop>/delete/", views.delete, name="delete"),
    path("backdrops/<uuid:backdrop>/restore/", views.restore, name="restore"),
]
