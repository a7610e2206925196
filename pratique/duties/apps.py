from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "pratique.duties"
    label = "duties"


    def ready(self) -> None:
        from pratique.duties import (  # noqa: F401  (they register)
            facts,
            queries,
            reduce,
            reduce_silent,
            waiting,
        )
