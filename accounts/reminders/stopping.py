"""The link in each reminder that ends them, without signing in."""

from __future__ import annotations

from django.core import signing
from django.urls import reverse

from accounts.models import User

_signer = signing.Signer(salt="accounts.reminders")


def stop_path(user: User) -> str:
    """Where this learner's reminders are stopped; it never runs out."""
    return reverse("accounts:reminders-stop", args=[_signer.sign(str(user.pk))])


def user_id(token: str) -> int | None:
    """Whose token it is; None for one that this site never made."""
    try:
        return int(_signer.unsign(token))
    except (signing.BadSignature, ValueError):
        return None


def stop_reminders(*, user_id: int) -> None:
    """No more of them; who is not there or gets none already stays so."""
    User.objects.filter(pk=user_id).update(remind_at=None, next_reminder=None)
