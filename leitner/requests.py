"""Each request has an id, one line in the log, and a place in the metrics."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from leitner import metrics

logger = logging.getLogger("leitner.requests")

# What a proxy may say; anything else could be meant to forge lines in the log.
SANE = re.compile(r"[A-Za-z0-9_-]{8,64}")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

request_id: ContextVar[str] = ContextVar("request_id", default="")
view_name: ContextVar[str] = ContextVar("view_name", default="")


class RequestMiddleware:
    """Stands in front of all others but the probes, so that it sees every answer.

    The id is that of the header X-Request-Id when it looks like one, else a new one; it is in the
    answer, in each line of the log, on the page of an error, in mail to ADMINS and in Sentry. The
    line names the view and never the address: paths and queries hold what learners typed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-Id", "")
        number = given if SANE.fullmatch(given) else uuid.uuid4().hex
        token, name_token = request_id.set(number), view_name.set("")
        start = time.perf_counter()
        try:
            response = self.get_response(request)
            response.headers["X-Request-Id"] = number
            _note(request, response.status_code, time.perf_counter() - start)
        finally:
            request_id.reset(token)
            view_name.reset(name_token)
        return response

    def process_view(self, request: HttpRequest, *view: object) -> None:
        view_name.set(name_of(request))


def name_of(request: HttpRequest) -> str:
    """The name of the view, of which there are few: `static` for files, `none` where nothing is."""
    if match := request.resolver_match:
        return match.view_name or "unnamed"
    return "static" if request.path_info.startswith(f"/{_static_path()}") else "none"


def _static_path() -> str:
    return settings.STATIC_URL.rpartition("//")[2].partition("/")[2] or "static/"


def _note(request: HttpRequest, status: int, seconds: float) -> None:
    view = name_of(request)
    method = request.method if request.method in METHODS else "OTHER"
    metrics.count_request(view, status, seconds)
    extra = {"method": method, "view": view, "status": status, "ms": round(seconds * 1e3, 1)}
    logger.info("%s %s %d %.1f ms", method, view, status, extra["ms"], extra=extra)
