"""Mail as it is sent, counted: Django's backends, and when mail last went out or did not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.core.cache import cache
from django.core.mail import EmailMessage
from django.core.mail.backends import filebased, smtp
from django.utils import timezone

from leitner import metrics


class SmtpBackend(smtp.EmailBackend):
    """To the mail server of EMAIL_HOST."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return _counted(super().send_messages, email_messages)


class FileBackend(filebased.EmailBackend):
    """Into files, without a mail server."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return _counted(super().send_messages, email_messages)


def last() -> dict[str, Any]:
    """`sent` and `failed`: when that happened last; `why`: the kind of the last error."""
    times: dict[str, dt.datetime | str] = cache.get_many(["mail-sent", "mail-failed", "mail-why"])
    return {name.removeprefix("mail-"): value for name, value in times.items()}


def _counted(
    send: Callable[[Sequence[EmailMessage]], int | None], messages: Sequence[EmailMessage]
) -> int:
    sent = 0
    try:
        sent = send(messages) or 0
    except Exception as error:
        _remember("failed", type(error).__name__)
        raise
    else:
        if sent:
            _remember("sent")
    finally:
        metrics.count_mails(sent, len(messages) - sent)
    return sent


def _remember(what: str, why: str = "") -> None:
    cache.set(f"mail-{what}", timezone.now(), None)
    if why:
        cache.set("mail-why", why, None)
