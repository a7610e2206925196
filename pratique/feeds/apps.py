"""The feeds: files and lists from elsewhere, turned into facts."""

from django.apps import AppConfig


class FeedsConfig(AppConfig):
    name = "pratique.feeds"
    label = "feeds"

    def ready(self) -> None:
        from pratique.feeds.imports import forget, go_on
        from pratique.pathway.tick import CHORES

        CHORES["imported"] = go_on
        CHORES["forgotten"] = forget
