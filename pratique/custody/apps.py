from django.apps import AppConfig


class CustodyConfig(AppConfig):
    name = "pratique.custody"
    label = "custody"

    def ready(self) -> None:
        from pratique.custody import (  # noqa: F401  (they register)
            facts,
            queries,
            reduce,
            reduce_counts,
        )
