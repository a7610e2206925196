from django.apps import AppConfig


class CheckpointConfig(AppConfig):
    name = "pratique.checkpoint"
    label = "checkpoint"

    def ready(self) -> None:
        from pratique.checkpoint import facts, queries, reduce  # noqa: F401
