from django.apps import AppConfig


class PathwayConfig(AppConfig):
    name = "pratique.pathway"
    label = "pathway"

