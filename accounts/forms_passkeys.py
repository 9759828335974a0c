"""The forms behind passkeys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms_allauth import Plain


class Sturdy:
    """What a browser says about a passkey may be anything: broken is refused, never a crash."""

    def clean_credential(self) -> Any:
        with refused_when_broken():
            return super().clean_credential()  # type: ignore[misc]


@contextmanager
def refused_when_broken() -> Iterator[None]:
    """The parser of passkeys stumbles over missing and odd parts in its own ways."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise get_adapter().validation_error("incorrect_code") from error


class PasskeyLoginForm(Sturdy, LoginWebAuthnForm):
    """Sign in with a passkey alone."""


class PasskeyCodeForm(Sturdy, AuthenticateWebAuthnForm):
    """A passkey beside the password."""


class ReauthenticatePasskeyForm(Sturdy, ReauthenticateWebAuthnForm):
    """The same, before something delicate."""


class PasskeyForm(Plain, AddWebAuthnForm):
    """A new passkey."""

    passwordless = forms.BooleanField(
        label=_("Sign in with it alone, without my password"),
        required=False,
        initial=True,
        help_text=_(
            "The device then asks for your finger, face or PIN. "
            "Without this it only confirms a sign-in with your password."
        ),
    )

    def clean(self) -> Any:
        with refused_when_broken():
            return super().clean()


class PasskeyNameForm(Plain, EditWebAuthnForm):
    """The name of a passkey."""
