"""The desks: screens for people. They read, and what they write they say as facts."""

from django.apps import AppConfig


class DesksConfig(AppConfig):
    name = "pratique.desks"
    label = "desks"
