"""The field app: a door for people without a network."""

from django.apps import AppConfig


class FieldConfig(AppConfig):
    name = "pratique.field"
    label = "field"
