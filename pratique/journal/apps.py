from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "pratique.journal"
    label = "journal"
