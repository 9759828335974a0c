"""A learner's own data: taken along, brought back, deleted. Linked to from the settings page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from smtplib import SMTPException
from typing import Any, TypeVar, cast

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.sites.shortcuts import get_current_site
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from backups.errors import OutcomeUnknown, TransferError
from backups.forms import FileForm
from backups.models import Upload
from backups.own.deleting import LastAdmin, delete_account
from backups.own.my_data import my_data
from backups.own.uploads import apply, receive
from backups.runs.lock import Busy, hold

logger = logging.getLogger(__name__)

RESTORED = "restored"
SHOWN = {"cards": "cards_card", "decks": "cards_deck", "reviews": "cards_review"}
T = TypeVar("T")


@never_cache
@require_POST
def download(request: HttpRequest) -> HttpResponseBase:
    """All of the learner's data as a zip; one at a time, as it is work for the database."""
    user = _learner(request)
    try:
        with hold("default", user.pk):
            file = my_data(user)
    except Busy:
        messages.warning(request, _busy())
        return redirect("accounts:settings")
    except OSError:
        logger.exception("The data of learner %s cannot be written to a file.", user.pk)
        messages.error(request, _no_room())
        return redirect("accounts:settings")
    name = f"leitner-my-data-{user.today(timezone.now()):%Y-%m-%d}.zip"
    response = FileResponse(file, as_attachment=True, filename=name)
    # It is compressed already.
    response["Content-Encoding"] = "identity"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: HttpRequest) -> HttpResponse:
    """Asks for the file; POST keeps it, and goes on to what it would do."""
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        upload, problem = _tried(request, lambda user: receive(user, file.chunks(), timezone.now()))
        if upload:
            return redirect("backups:restore-preview", upload.pk)
        form.add_error("file", problem)
    status = 422 if form.errors else 200
    return render(request, "backups/restore.html", {"form": form}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def restore_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What the file would do; POST does it."""
    upload = get_object_or_404(Upload, pk=pk, owner=_learner(request))
    problem = ""
    if request.method == "POST":
        brought, problem = _tried(request, lambda _: apply(upload, timezone.now()))
        if brought is not None:
            request.session[RESTORED] = brought
            return redirect("backups:restored")
    context = {"upload": upload, "problem": problem} | _numbers(upload.preview)
    status = 422 if problem else 200
    return render(request, "backups/restore_preview.html", context, status=status)


@never_cache
@require_safe
def restored(request: HttpRequest) -> HttpResponse:
    """What was brought back last."""
    if RESTORED not in request.session:
        return redirect("backups:restore")
    return render(request, "backups/restored.html", _numbers(request.session[RESTORED]))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def delete(request: HttpRequest) -> HttpResponse:
    """What will be gone; POST, after the password or passkey, deletes the account."""
    user = _learner(request)
    refused = False
    if request.method == "POST":
        email = user.email
        try:
            delete_account(user)
        except LastAdmin:
            refused = True
        else:
            logout(request)
            _say_goodbye(request, email)
            return redirect("backups:deleted")
    context = {
        "refused": refused,
        "days": settings.BACKUP_KEEP_DAYS,
        "months": settings.BACKUP_KEEP_MONTHS,
    }
    status = 409 if refused else 200
    return render(request, "backups/delete.html", context, status=status)


@login_not_required
@require_safe
def deleted(request: HttpRequest) -> HttpResponse:
    """An account is gone; says so, whoever asks."""
    return render(request, "backups/deleted.html", {"days": settings.BACKUP_KEEP_DAYS})


def _learner(request: HttpRequest) -> User:
    return cast(User, request.user)


def _tried(request: HttpRequest, act: Callable[[User], T]) -> tuple[T | None, str]:
    """What `act` gives while nothing else of this learner's runs; or what is in its way."""
    user = User.objects.get(pk=_learner(request).pk)
    try:
        with hold("default", user.pk):
            return act(user), ""
    except Busy:
        return None, _busy()
    except OutcomeUnknown as error:
        logger.exception("What became of a restore of learner %s is not known.", user.pk)
        return None, error.through(_)
    except TransferError as error:
        logger.info("A file of learner %s was not restored: %s", user.pk, error)
        text = _(
            "This file cannot be restored. %(why)s Take the zip file as you downloaded it, or an "
            "older one."
        )
        return None, text % {"why": error.through(_)}
    except OSError:
        logger.exception("A file of learner %s cannot be kept or read.", user.pk)
        return None, _no_room()


def _busy() -> str:
    return _("Your data are being written or read already. Wait a moment, then try again.")


def _no_room() -> str:
    return _(
        "There is no room for your file on this site just now. Nothing was changed. Try again "
        "later, or tell those who run this site."
    )


def _numbers(brought: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """The numbers of the tables that learners know by name; whether anything of it is missing."""
    names = {"cards": _("Cards"), "decks": _("Decks"), "reviews": _("Answers")}
    none = {"new": 0, "back": 0, "there": 0}
    rows = [{"name": names[kind], **brought.get(table, none)} for kind, table in SHOWN.items()]
    return {"rows": rows, "missing": any(row["new"] or row["back"] for row in rows)}


def _say_goodbye(request: HttpRequest, email: str) -> None:
    """The last mail; the account is gone, whatever the mail server says."""
    try:
        context = {
            "request": request,
            "current_site": get_current_site(request),
            "timestamp": timezone.now(),
            "days": settings.BACKUP_KEEP_DAYS,
        }
        mail = get_adapter(request).render_mail("backups/email/account_deleted", email, context)
        mail.send()
    except (SMTPException, OSError):
        logger.exception("The mail about a deleted account was not sent.")
