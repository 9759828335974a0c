"""The project package as an app, so that its static files and checks are found."""

from django.apps import AppConfig


class LeitnerConfig(AppConfig):
    name = "leitner"

    def ready(self) -> None:
        from leitner.checks_database import register_all

        register_all()
