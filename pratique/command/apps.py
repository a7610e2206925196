from django.apps import AppConfig


class CommandConfig(AppConfig):
    name = "pratique.command"
    label = "command"
