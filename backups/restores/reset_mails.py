"""A link to set a new password, for people who came back without one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from smtplib import SMTPException

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.app_settings import PASSWORD_RESET_TOKEN_GENERATOR
from allauth.account.utils import user_pk_to_url_str
from allauth.core.context import request_context
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest

from accounts.models import User

# A mail server that fails so often in a row is away: the others are not tried.
FAILURES = 3


@dataclass(slots=True)
class Mails:
    """How many were sent, and who got none."""

    sent: int = 0
    failed: list[str] = field(default_factory=list)
    why: str = ""


def send_reset_mails(users: Iterable[User]) -> Mails:
    """The mail of the page "Forgot your password?" to each; whatever fails stops nothing else."""
    mails, in_a_row = Mails(), 0
    request = _request()
    with request_context(request):
        adapter = get_adapter(request)
        for user in users:
            if in_a_row == FAILURES:
                mails.failed.append(user.email)
                continue
            key = PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
            path = f"{user_pk_to_url_str(user)}-{key}"
            context = {
                "user": user,
                "password_reset_url": adapter.get_reset_password_from_key_url(path),
                "request": request,
            }
            try:
                # Not ours, which tells the person in front of the page that it failed.
                DefaultAccountAdapter.send_mail(
                    adapter, "account/email/password_reset_key", user.email, context
                )
            except (SMTPException, OSError) as error:
                mails.failed.append(user.email)
                mails.why, in_a_row = str(error), in_a_row + 1
            else:
                mails.sent, in_a_row = mails.sent + 1, 0
    return mails


def site() -> str:
    """The name of this site, which links in mails begin with."""
    hosts = [host.removeprefix(".") for host in settings.ALLOWED_HOSTS if host != "*"]
    return hosts[0] if hosts else "localhost"


def _request() -> WSGIRequest:
    """As a visitor of this site would send it."""
    return WSGIRequest(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/",
            "HTTP_HOST": site(),
            "SERVER_NAME": site(),
            "SERVER_PORT": "443" if settings.SESSION_COOKIE_SECURE else "80",
            "wsgi.url_scheme": "https" if settings.SESSION_COOKIE_SECURE else "http",
            "wsgi.input": BytesIO(),
        }
    )
