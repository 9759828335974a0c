"""Django's LOGGING. It imports nothing of ours: settings are read before anything else is there."""

from __future__ import annotations

from typing import Any


def logging_settings(*, form: str, level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard output, where every host collects it.

    The admins hear of what broke in a page (`leitner.alerts`). What was merely not found or not
    allowed is in the request's own line, without its address.
    """
    stdout = {"class": "logging.StreamHandler", "formatter": form, "filters": ["request_id"]}
    admins = {"class": "leitner.alerts.AdminsHandler", "level": "ERROR", "filters": ["request_id"]}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": "leitner.logs.RequestIdFilter"}},
        "formatters": {
            "line": {
                "format": "{asctime} {levelname} {name} {request_id}: {message}",
                "style": "{",
            },
            "json": {"()": "leitner.logs.JsonFormatter"},
        },
        "handlers": {"stdout": stdout, "admins": admins},
        "loggers": {
            # In place of Django's own handlers.
            "django": {"handlers": [], "level": level},
            "django.request": {"handlers": ["admins"], "level": "ERROR"},
            # What strangers can cause as often as they like is no error of ours, nor Sentry's.
            "django.security": {"handlers": [], "level": "CRITICAL"},
            "django.security.csrf": {"handlers": [], "level": level},
            "django.server": {"handlers": [], "level": level},
        },
        "root": {"handlers": ["stdout"], "level": level},
    }
