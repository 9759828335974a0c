"""Limits on how often: whoever sends or asks too much waits, and keeps what was typed."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_ratelimit.core import get_usage

from leitner.addresses import client_network
from leitner.rates import LIMITS, limits_of
from leitner.sent import SAFE, is_account, kept_fields

logger = logging.getLogger(__name__)

_limits_of = lru_cache(1000)(limits_of)


class RateLimitMiddleware:
    """Stands behind the CSRF check and the sign-in: what they refuse does not count.

    429, with the seconds to wait in Retry-After, for what a limit in `leitner.rates` forbids.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        match = request.resolver_match
        for name in _limits_of(match.view_name) if match else ():
            if LIMITS[name].reading or request.method not in SAFE:
                wait = count(request, name)
                if wait:
                    return too_many(request, wait)
        return None


def count(request: HttpRequest, name: str) -> int:
    """Count this request for this limit; 0, or the seconds to wait when it is beyond."""
    rate = settings.RATE_LIMITS[name]
    who = _who(request, name)
    if not rate or not who:
        return 0
    usage = get_usage(request, name, key=lambda group, request: who, rate=rate, increment=True)
    # Without a limit, or when the cache lost the count between two steps: the next one counts.
    if usage is None or usage["time_left"] < 0 or not usage["should_limit"]:
        return 0
    if usage["count"] == usage["limit"] + 1:
        # What was typed stays out of the log: it may be anything.
        by = "an e-mail address" if LIMITS[name].by == "email" else who
        logger.warning("Limit reached: %s, %s, by %s.", name, rate, by)
    return int(usage["time_left"]) + 1


def too_many(request: HttpRequest, wait: int) -> HttpResponse:
    """429 and a page with what was sent; JSON for scripts that ask for it. `wait` in seconds."""
    if request.user.is_authenticated:
        why = _("That was a lot in a short time. Please wait %(time)s.")
    else:
        why = _("A lot came from your network in a short time. Please wait %(time)s.")
    why %= {"time": _in_words(wait)}
    response: HttpResponse
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        response = JsonResponse({"error": why, "retry_after": wait}, status=429)
    else:
        context = {"why": why, "fields": kept_fields(request), "account": is_account(request)}
        response = render(request, "429.html", context, status=429)
    response["Retry-After"] = str(wait)
    # Not "no-store": who leaves the page finds it again by going back.
    patch_cache_control(response, private=True, no_cache=True)
    # It is noted once by `count`; Django would note it each time.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _who(request: HttpRequest, name: str) -> str:
    by = LIMITS[name].by
    if by == "email":
        # Each way to write one address is the same mailbox.
        typed = unicodedata.normalize("NFC", request.POST.get("email", ""))
        return typed.strip().casefold()[:254]
    if by == "account" and request.user.is_authenticated:
        return f"account {request.user.pk}"
    return f"address {client_network(request)}"


def _in_words(seconds: int) -> str:
    if seconds <= 90:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    minutes = -(-seconds // 60)
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
