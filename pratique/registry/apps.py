from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "pratique.registry"
    label = "registry"
