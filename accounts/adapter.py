"""How django-allauth fits Leitner: its mails, and the names that it shows."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User, UserManager
from leitner.addresses import client_address

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up and sign-in by e-mail."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "This e-mail address and this password do not belong together. "
            "Check both, or set a new password."
        ),
        "email_taken": _(
            "There is an account with this e-mail address already. "
            "Sign in, or set a new password if you forgot it."
        ),
        "duplicate_email": _("This is your e-mail address already."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your password."),
        "incorrect_code": _("This code is not right, or no longer. Enter the newest one."),
        "too_many_login_attempts": _(
            "Too many attempts. Wait five minutes, then try again, or set a new password."
        ),
        "rate_limited": _("Too many attempts. Wait a minute, then try again."),
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that limits count too."""
        return client_address(request)

    def clean_email(self, email: str) -> str:
        """As accounts keep it."""
        return UserManager.normalize_email(email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is away never undoes, nor seems to undo, what the learner did."""
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError):
            logger.exception("The mail %s was not sent.", template_prefix)
            text = _(
                "The mail to you could not be sent just now. Please try again in some minutes."
            )
            messages.error(self.request, text)

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """The plain text, and the same words as HTML: one template per mail is enough.

        A paragraph that is nothing but an address becomes a button.
        """
        message: EmailMultiAlternatives = super().render_mail(
            template_prefix, email, context, headers
        )
        paragraphs = [part.strip() for part in str(message.body).split("\n\n") if part.strip()]
        html = render_to_string(
            "account/email/message.html",
            {
                "subject": message.subject,
                "paragraphs": paragraphs,
                "button": context.get("button", ""),
            },
        )
        message.attach_alternative(html, "text/html")
        return message


class MFAAdapter(DefaultMFAAdapter):
    """Codes and passkeys."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right, or no longer. Enter the newest one."),
        "unverified_email": _("Confirm your e-mail address first, then come back here."),
    }

    def _get_site_name(self) -> str:
        return "Leitner"

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey") if number == 1 else gettext("Passkey %d") % number
