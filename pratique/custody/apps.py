from django.apps import AppConfig


class CustodyConfig(AppConfig):
    name = "pratique.custody"
    label = "custody"

    def ready(self) -> None:
        from pratique.custody import facts, queries, reduce  # noqa: F401  (they register)
