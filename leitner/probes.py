"""What machines ask: `/health/` (alive?), `/ready/` (how are all parts?), `/metrics/`.

They are answered before anything else looks at the request: a load balancer knows no host name and
no https, and has no session. Nothing here is logged, cached or counted as a visit.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare

from leitner import __version__, metrics
from leitner.health import Part, watch

GetResponse = Callable[[HttpRequest], HttpResponse]


def health(request: HttpRequest) -> HttpResponse:
    """This process answers. Nothing else is asked, so that a dead database restarts no machine."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> HttpResponse:
    """Every part in JSON: 200 when pages can be served (perhaps `degraded`), else 503."""
    found = watch.health()
    body = {
        "status": found.state,
        "version": __version__,
        "parts": {
            part.name: {"status": part.state, **_said(request, part), **part.figures}
            for part in found.parts
        },
    }
    return JsonResponse(body, status=503 if found.state == "failed" else 200)


def metrics_page(request: HttpRequest) -> HttpResponse:
    """Numbers for Prometheus, for who sends `Authorization: Bearer METRICS_TOKEN`; else 404."""
    if not _knows_the_token(request):
        return HttpResponse(status=404)
    folder = settings.METRICS_DIR if metrics.counts_in_files() else None
    text = metrics.text(folder, watch.health().numbers())
    return HttpResponse(text, content_type="text/plain; version=0.0.4; charset=utf-8")


def _said(request: HttpRequest, part: Part) -> dict[str, str]:
    """Sentences may name servers and files: they are for operators, not for everybody."""
    return {"said": part.said} if _knows_the_token(request) else {}


def _knows_the_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = settings.METRICS_TOKEN
    return bool(token) and constant_time_compare(given, token)


PROBES = {"/health/": health, "/ready/": ready, "/metrics/": metrics_page}


class ProbesMiddleware:
    """Stands first, and answers for the addresses of `PROBES`."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path_info)
        if probe is None:
            return self.get_response(request)
        if request.method in ("GET", "HEAD"):
            response = probe(request)
        else:
            response = HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        response["Cache-Control"] = "no-store"
        # Otherwise Django notes a page that broke, and mails it to the admins, each time.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response
