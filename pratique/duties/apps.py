from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "pratique.duties"
    label = "duties"


    def ready(self) -> None:
        from pratique.duties import facts, queries, reduce, waiting  # noqa: F401  (they register)
