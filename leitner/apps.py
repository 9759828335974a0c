"""The project package as an app, so that its static files and checks are found."""

from django.apps import AppConfig
from django.conf import settings


class LeitnerConfig(AppConfig):
    name = "leitner"

    def ready(self) -> None:
        from leitner import checks, checks_database, checks_limits, checks_safety

        checks_database.register_all()
        checks_limits.register_all()
        checks_safety.register_all()
        checks.register_all()
        if settings.SENTRY_DSN:
            # Imported only then: whoever does without it does not pay for it.
            from leitner import sentry

            sentry.start(settings.SENTRY_DSN, settings.RELEASE)
