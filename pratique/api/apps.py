from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "pratique.api"
    label = "api"
