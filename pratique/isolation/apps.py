from django.apps import AppConfig


class IsolationConfig(AppConfig):
    name = "pratique.isolation"
    label = "isolation"

    def ready(self) -> None:
        from pratique.isolation import facts, queries, reduce  # noqa: F401
