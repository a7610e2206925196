from django.apps import AppConfig


class FeedsConfig(AppConfig):
    name = "pratique.feeds"
    label = "feeds"
