"""The project package as an app, so that its static files and checks are found."""

from django.apps import AppConfig


class LeitnerConfig(AppConfig):
    name = "leitner"

    def ready(self) -> None:
        from leitner import checks_database, checks_limits, checks_safety

        checks_database.register_all()
        checks_limits.register_all()
        checks_safety.register_all()
