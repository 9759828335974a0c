"""The project package as an app, so that its static files and checks are found."""

from django.apps import AppConfig


class LeitnerConfig(AppConfig):
    name = "leitner"
