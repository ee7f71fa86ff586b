from django.apps import AppConfig


class StylesConfig(AppConfig):
    name = "studio.styles"
    label = "styles"
