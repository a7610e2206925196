from django.apps import AppConfig


class SpecimensConfig(AppConfig):
    name = "pratique.specimens"
    label = "specimens"
