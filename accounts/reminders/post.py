"""One connection to the mail server, kept from mail to mail and opened again when it breaks."""

from __future__ import annotations

import logging
import smtplib
from contextlib import suppress
from enum import Enum
from typing import Any

from django.core.mail import EmailMessage, get_connection

logger = logging.getLogger(__name__)


class Outcome(Enum):
    """What became of one mail."""

    SENT = "sent"
    LATER = "later"  # The server did not take it now; nothing was sent.
    REFUSED = "refused"  # The server will never take mail for this address.
    UNSURE = "unsure"  # The line broke after the mail was handed over: it may have been taken.
    AWAY = "away"  # The server takes nothing from us, for whomever; nothing was sent.


class Post:
    """Use as `with Post() as post:`; nothing here raises what a mail server may cause."""

    def __init__(self) -> None:
        self._backend: Any = get_connection()
        self._handed_over = False
        self.trouble = ""

    def __enter__(self) -> Post:
        return self

    def __exit__(self, *error: object) -> None:
        self._close()

    def ready(self) -> bool:
        """Whether a mail can be sent now; connects when needed."""
        connection = getattr(self._backend, "connection", None)
        if connection is not None:
            if getattr(connection, "sock", self) is not None:
                return True
            self._close()  # The server ended it with a reply.
        try:
            self._backend.open()
        except OSError as error:  # All of smtplib's errors are some.
            self.trouble = str(error) or type(error).__name__
            self._close()
            return False
        self._watch()
        return True

    def send(self, message: EmailMessage) -> Outcome:
        """Send it; a connection that had broken before is opened anew, once."""
        outcome = self._try(message)
        return self._try(message) if outcome is Outcome.AWAY and self.ready() else outcome

    def _try(self, message: EmailMessage) -> Outcome:
        self._handed_over = not isinstance(self._connection, smtplib.SMTP)
        try:
            self._backend.send_messages([message])
        except smtplib.SMTPRecipientsRefused as error:
            return self._refusal(error)
        except smtplib.SMTPDataError as error:
            return self._note(Outcome.LATER, error)
        except (smtplib.SMTPNotSupportedError, ValueError) as error:
            return self._note(Outcome.REFUSED, error)  # No server can write to such an address.
        except OSError as error:
            self._close()
            refused = isinstance(error, smtplib.SMTPSenderRefused)
            unsure = self._handed_over and not refused
            return self._note(Outcome.UNSURE if unsure else Outcome.AWAY, error)
        return Outcome.SENT

    def _refusal(self, error: smtplib.SMTPRecipientsRefused) -> Outcome:
        code, _text = next(iter(error.recipients.values()))
        return self._note(Outcome.REFUSED if code >= 500 else Outcome.LATER, error)

    def _note(self, outcome: Outcome, error: Exception) -> Outcome:
        self.trouble = str(error) or type(error).__name__
        logger.warning("A reminder was not sent (%s): %s", outcome.value, type(error).__name__)
        return outcome

    @property
    def _connection(self) -> Any:
        return getattr(self._backend, "connection", None)

    def _watch(self) -> None:
        """Know whether a mail was handed over when the line breaks: only then it may be sent."""
        connection = self._connection
        if not isinstance(connection, smtplib.SMTP):
            return
        hand_over = connection.data

        def data(message: Any) -> Any:
            self._handed_over = True
            return hand_over(message)

        connection.data = data  # type: ignore[method-assign, assignment]

    def _close(self) -> None:
        with suppress(OSError):
            self._backend.close()
