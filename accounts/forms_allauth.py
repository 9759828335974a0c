"""The forms of django-allauth in our words: to come in, to stay in, to prove who one is."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts import zones
from accounts.fields import KnownEmailField
from accounts.models import User
from accounts.services import furnish

EMAIL_MAX = 254  # as the database
PASSWORD_MAX = 1000
PASSWORD_HELP = _("At least 8 characters. A few words in a row are easy to keep and hard to guess.")
LABELS = {
    "email": _("E-mail address"),
    "login": _("E-mail address"),
    "password": _("Password"),
    "oldpassword": _("Current password"),
    "password1": _("Password"),
    "name": _("Name"),
    "code": _("Code"),
}


class Plain:
    """Labels in our words, no placeholders, and a new password is asked for once."""

    fields: dict[str, forms.Field]
    # Where an address is looked up, the field takes whatever may be stored.
    known_address = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)
        if self.known_address:
            self.fields[self.known_address] = KnownEmailField()
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = LABELS.get(name, field.label)
            if isinstance(field.widget, forms.PasswordInput):
                field.help_text = PASSWORD_HELP if name == "password1" else ""
                field.validators.append(MaxLengthValidator(PASSWORD_MAX))
            if name in ("login", "email"):
                field.validators.append(MaxLengthValidator(EMAIL_MAX))
                field.widget.attrs |= {"dir": "auto", "autocapitalize": "none"}
            if name == "code":
                field.widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}


class LoginForm(Plain, allauth.LoginForm):
    """E-mail address and password."""

    known_address = "login"


class SignupForm(Plain, allauth.SignupForm):
    """E-mail address and password; the browser adds its time zone."""

    # A bare Field: whatever arrives here is taken or replaced, and never an error.
    time_zone = forms.Field(
        required=False, widget=forms.HiddenInput(attrs={"data-time-zone": True})
    )

    def clean_time_zone(self) -> str:
        """The browser's zone; UTC when it names none that we know."""
        return zones.find(str(self.cleaned_data.get("time_zone") or "")) or "UTC"

    def save(self, request: HttpRequest) -> User:
        """The account with everything that it begins with, or nothing at all."""
        with transaction.atomic():
            user: User = super().save(request)
            furnish(user=user)
        return user

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        user.time_zone = self.cleaned_data["time_zone"]
        user.save(update_fields=["time_zone"])

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Also for an address that has an account: the same answer after the same work."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        try:
            result: tuple[User | None, HttpResponse | None] = super().try_save(request)
        except IntegrityError:
            # Sent twice at once: the other one made the account.
            return None, redirect("account_login")
        return result


class AddEmailForm(Plain, allauth.AddEmailForm):
    """The address to change to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New e-mail address")


class ChangePasswordForm(Plain, allauth.ChangePasswordForm):
    """The current password and a new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")


class SetPasswordForm(Plain, allauth.SetPasswordForm):
    """A first password."""


class ResetPasswordForm(Plain, allauth.ResetPasswordForm):
    """Where to send the link."""

    known_address = "email"


class ResetPasswordKeyForm(Plain, allauth.ResetPasswordKeyForm):
    """A new password, by the link from the mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")


class ReauthenticatePasswordForm(Plain, allauth.ReauthenticateForm):
    """The password once more."""


class CodeForm(Plain, AuthenticateForm):
    """A code of the authenticator app, or a recovery code."""


class ReauthenticateCodeForm(Plain, ReauthenticateForm):
    """The same, before something delicate."""


class TOTPForm(Plain, ActivateTOTPForm):
    """The first code of an authenticator app."""
