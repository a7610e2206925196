from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "pratique.duties"
    label = "duties"

