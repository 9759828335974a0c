"""The field for an address that somebody signs in with, however it came to be stored."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.validators import EmailValidator, RegexValidator

from accounts.models import UserManager

_ADDRESS = re.compile(r"\A[^\s<>\x00-\x1f\x7f-\x9f]+@[^\s@<>\x00-\x1f\x7f-\x9f]+\Z")


class KnownEmailField(forms.CharField):
    """Any text that may be an address, as it is stored (`UserManager.normalize_email`).

    More is let in than at sign-up: addresses that came from elsewhere may have letters outside
    ASCII before the @. Whether there is an account of this name, the database knows. It is a plain
    text field to browsers, because they refuse such letters too.
    """

    default_validators = [RegexValidator(_ADDRESS, EmailValidator.message)]

    def __init__(self, **kwargs: Any) -> None:
        attrs = {
            "inputmode": "email",
            "autocomplete": "email",
            "autocapitalize": "none",
            "spellcheck": "false",
            "dir": "auto",
        }
        super().__init__(widget=forms.TextInput(attrs=attrs), **kwargs)

    def to_python(self, value: Any) -> str:
        return UserManager.normalize_email(super().to_python(value))
