"""Forms about the account."""

from django import forms


class SignupForm(forms.Form):
    """Added to allauth's sign-up form."""
