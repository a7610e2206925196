from django.apps import AppConfig


class CliConfig(AppConfig):
    name = "pratique.cli"
    label = "cli"
