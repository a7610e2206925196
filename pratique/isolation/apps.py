from django.apps import AppConfig


class IsolationConfig(AppConfig):
    name = "pratique.isolation"
    label = "isolation"
