from django.apps import AppConfig


class PathwayConfig(AppConfig):
    name = "pratique.pathway"
    label = "pathway"


    def ready(self) -> None:
        from pratique.pathway import facts, queries, reduce  # noqa: F401  (they register)
