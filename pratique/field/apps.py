"""The field app: a door for people without a network."""

from django.apps import AppConfig


class FieldConfig(AppConfig):
    name = "pratique.field"
    label = "field"

    def ready(self) -> None:
        from pratique.field.silent import find_silent
        from pratique.pathway.tick import CHORES

        CHORES["silent"] = find_silent
