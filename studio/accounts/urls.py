from django.urls import path

from studio.accounts import views

app_name = "accounts"
urlpatterns = [
    path("settings/", views.settings_page, name="settings"),
    path("settings/keys/", views.create_key, name="create_key"),
    path("settings/keys/<uuid:key>/revoke/", views.revoke_key, name="revoke_key"),
    path("settings/workspace/", views.switch, name="switch"),
    path("demo/", views.demo, name="demo"),
]
