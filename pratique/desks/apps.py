from django.apps import AppConfig


class DesksConfig(AppConfig):
    name = "pratique.desks"
    label = "desks"
