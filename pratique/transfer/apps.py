from django.apps import AppConfig


class TransferConfig(AppConfig):
    name = "pratique.transfer"
    label = "transfer"

    def ready(self) -> None:
        from pratique.transfer import facts, queries, reduce  # noqa: F401
