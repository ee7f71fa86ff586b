from django.urls import path

from studio.webhooks import views

app_name = "webhooks"
urlpatterns = [
    path("webhooks/", views.endpoints, name="endpoints"),
    path("webhooks/add/", views.add, name="add"),
    path("webhooks/<uuid:endpoint>/", views.log, name="log"),
    path("webhooks/<uuid:endpoint>/rotate/", views.rotate, name="rotate"),
    path("webhooks/<uuid:endpoint>/test/", views.test, name="test"),
    path("webhooks/<uuid:endpoint>/switch-on/", views.switch, name="switch_on"),
    path("webhooks/<uuid:endpoint>/remove/", views.remove, name="remove"),
    path("webhooks/deliveries/<uuid:delivery>/replay/", views.replay, name="replay"),
]
