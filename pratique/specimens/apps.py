from django.apps import AppConfig


class SpecimensConfig(AppConfig):
    name = "pratique.specimens"
    label = "specimens"

    def ready(self) -> None:
        from pratique.specimens import facts, queries, reduce  # noqa: F401
