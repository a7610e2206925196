from django.apps import AppConfig


class StandingConfig(AppConfig):
    name = "pratique.standing"
    label = "standing"


    def ready(self) -> None:
        from pratique.standing import queries, reduce  # noqa: F401  (they register)
