"""While maintenance is on: every page can be read, and nothing that is sent gets lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.contrib.sessions.backends.base import UpdateError
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control

from backups import maintenance
from backups.maintenance import State

SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
# What people type there is not for a page that stays open for an hour.
ACCOUNTS = "accounts/"
SECRET = re.compile("passw|secret|token|credential|code|key", re.IGNORECASE)
KEPT_MAX = 1_000_000  # characters


class MaintenanceMiddleware:
    """Stands behind the CSRF check: only what the learner's own pages sent is offered again.

    Templates find the state as `request.maintenance`, None while it is off.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        state = maintenance.current()
        request.maintenance = state if state.on else None  # type: ignore[attr-defined]
        response = self.get_response(request)
        if state.on and request.method in SAFE:
            _keep_session(request)
        return response

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """503 and a page with what was sent, unless the request only looks."""
        state: State | None = request.maintenance  # type: ignore[attr-defined]
        if state is None or request.method in SAFE:
            return None
        context = {"fields": _fields(request), "account": _is_account(request)}
        response = render(request, "backups/maintenance.html", context, status=503)
        response["Retry-After"] = str(state.retry_after(timezone.now()))
        # Not "no-store": who leaves the page finds it again by going back.
        patch_cache_control(response, private=True, no_cache=True)
        # Otherwise Django notes an error, and mails it to the admins, each time.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response


def _fields(request: HttpRequest) -> list[tuple[str, str]] | None:
    """What was sent, to be sent again; None when it is not to be kept on a page."""
    if request.method != "POST" or request.content_type not in FORMS:
        return None
    if request.FILES or _is_account(request):
        return None
    sent = [(name, str(value)) for name, values in request.POST.lists() for value in values]
    fields = [(name, value) for name, value in sent if name != "csrfmiddlewaretoken"]
    if any(SECRET.search(name) for name, _ in fields):
        return None
    return fields if sum(len(value) for _, value in fields) <= KEPT_MAX else None


def _is_account(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.route.startswith(ACCOUNTS)


def _keep_session(request: HttpRequest) -> None:
    """A page that is only looked at does not fail where its session cannot be stored."""
    session = request.session
    if not session.modified or session.is_empty():
        return
    try:
        session.save()
    except (DatabaseError, UpdateError):
        session.modified = False
