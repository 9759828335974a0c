"""A real SMTP server on this machine that takes, refuses and breaks off as a test tells it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class MailServer:
    """What it got, and how it is to behave."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.last = b""  # The bytes of the last one.
        self.connections = 0
        # Replies to what the sender says, by the address that a mail is for.
        self.at_recipient: dict[str, str] = {}
        self.at_data: dict[str, str] = {}
        # After so many mails on a connection it says goodbye to the next one.
        self.most_per_connection = 1_000_000
        # It takes the mail for these and breaks the line before it says so.
        self.broken_off: set[str] = set()
        self.port = 0

    @property
    def recipients(self) -> list[str]:
        return [message["To"] for message in self.messages]

    async def handle_MAIL(
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if getattr(session, "taken", 0) >= self.most_per_connection:
            return "421 4.7.0 Enough for now"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if reply := self.at_recipient.get(address):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        address = envelope.rcpt_tos[0]
        if reply := self.at_data.get(address):
            return reply
        self.last = envelope.original_content or b""
        self.messages.append(message_from_bytes(self.last, policy=policy.default))
        session.taken = getattr(session, "taken", 0) + 1
        if address in self.broken_off and server.transport is not None:
            server.transport.abort()  # type: ignore[attr-defined]
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """It listens on `port` of 127.0.0.1 as long as the block runs."""
    server = MailServer()

    class Counting(Controller):
        def factory(self) -> SMTP:
            server.connections += 1
            return SMTP(self.handler, **self.SMTP_kwargs)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server.port = free.getsockname()[1]
    controller = Counting(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    server.connections = 0  # It tries itself once.
    try:
        yield server
    finally:
        controller.stop()
