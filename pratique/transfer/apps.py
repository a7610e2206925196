from django.apps import AppConfig


class TransferConfig(AppConfig):
    name = "pratique.transfer"
    label = "transfer"
