"""The field app: a door for people without a network."""

from django.apps import AppConfig


class FieldConfig(AppConfig):
    name = "pratique.field"
    label = "field"

    def ready(self) -> None:
        from pratique.api.receive import after_greeting
        from pratique.api.site import also_describes
        from pratique.field import hearing
        from pratique.field.described import describe
        from pratique.field.silent import find_silent
        from pratique.pathway.tick import CHORES

        CHORES["silent"] = find_silent
        after_greeting(hearing.note)
        also_describes(describe)
