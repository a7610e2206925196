from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "pratique.registry"
    label = "registry"

    def ready(self) -> None:
        from pratique.registry import facts, queries, reduce  # noqa: F401  (they register)
