from django.apps import AppConfig


class CustodyConfig(AppConfig):
    name = "pratique.custody"
    label = "custody"
