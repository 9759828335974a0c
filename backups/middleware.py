"""While maintenance is on: every page can be read, and nothing that is sent gets lost."""

from __future__ import annotations

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
from leitner.sent import SAFE, is_account, kept_fields


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
        context = {"fields": kept_fields(request), "account": is_account(request)}
        response = render(request, "backups/maintenance.html", context, status=503)
        response["Retry-After"] = str(state.retry_after(timezone.now()))
        # Not "no-store": who leaves the page finds it again by going back.
        patch_cache_control(response, private=True, no_cache=True)
        # Otherwise Django notes an error, and mails it to the admins, each time.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response


def _keep_session(request: HttpRequest) -> None:
    """A page that is only looked at does not fail where its session cannot be stored."""
    session = request.session
    if not session.modified or session.is_empty():
        return
    try:
        session.save()
    except (DatabaseError, UpdateError):
        session.modified = False
