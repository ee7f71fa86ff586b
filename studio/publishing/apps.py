from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "studio.publishing"
    label = "publishing"
