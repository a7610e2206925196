from django.apps import AppConfig


class StandingConfig(AppConfig):
    name = "pratique.standing"
    label = "standing"

