from django.apps import AppConfig


class CheckpointConfig(AppConfig):
    name = "pratique.checkpoint"
    label = "checkpoint"
