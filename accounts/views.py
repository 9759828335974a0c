"""Pages about the account that django-allauth does not have."""

from __future__ import annotations

from typing import cast

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts import announcements, zones
from accounts.forms import SettingsForm
from accounts.models import User
from accounts.reminders import stopping
from accounts.services import change_settings


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """How the app behaves for this learner, and the ways to everything else about the account."""
    # Not `request.user`: the page is drawn with that one, also when the form is refused.
    user = User.objects.get(pk=cast(User, request.user).pk)
    form = SettingsForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        change_settings(user=user, now=timezone.now())
        messages.success(request, _saved(user, form))
        return redirect("accounts:settings")
    places = [(name, zones.label(name)) for name in zones.names()]
    context = {"form": form, "places": places, "now": timezone.now()}
    return render(request, "accounts/settings.html", context, status=422 if form.errors else 200)


def _saved(user: User, form: SettingsForm) -> str:
    """What to say: whoever moves in time wants to know what day it is there."""
    if not {"time_zone", "day_starts_at"} & set(form.changed_data):
        return _("Saved.")
    today = date_format(user.today(timezone.now()), "l, j F Y")
    return _("Saved. For you, today is %(date)s.") % {"date": today}


@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign one of the learner's browsers out."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    session.end()
    messages.success(request, _("That browser is signed out."))
    return redirect("usersessions_list")


@csrf_exempt  # A mail program posts here by itself, without cookies (RFC 8058); the token is proof.
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def stop_reminders(request: HttpRequest, token: str) -> HttpResponse:
    """The link at the end of a reminder: looking asks, posting stops them at once."""
    user_id = stopping.user_id(token)
    state = "unknown" if user_id is None else "asked"
    if user_id is not None and request.method == "POST":
        stopping.stop_reminders(user_id=user_id)
        state = "stopped"
    status = 404 if user_id is None else 200
    return render(request, "accounts/reminders_stop.html", {"state": state}, status=status)


@require_POST
def put_away_announcement(request: HttpRequest, pk: int) -> HttpResponse:
    """Hide an announcement for the rest of this login session, and back to the page it stood on."""
    if not announcements.put_away(request, pk):
        raise Http404
    wanted = request.POST.get("next", "")
    safe = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return redirect(wanted if safe else "/")
