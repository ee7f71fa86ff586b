from django.apps import AppConfig


class BackdropsConfig(AppConfig):
    name = "studio.backdrops"
    label = "backdrops"
