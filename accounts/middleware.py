"""Who is signed out is asked in, too large a body is refused, times are in the learner's zone."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import middleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """After signing in again, a learner whose POST came too late is back on the page it came from.

    The address of the POST itself shows nothing to a GET.
    """

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        page = request.headers.get("Referer", "")
        if not url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()):
            page = "/"
        return redirect_to_login(page, settings.LOGIN_URL)


class BodySizeMiddleware:
    """Refuses a body beyond the largest upload before a byte of it is read or kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return self.get_response(request)
        limit = settings.IMPORT_MAX_BYTES // 2**20
        text = _("This is too large: at most %(limit)d MB fit. Split it into smaller parts.")
        return HttpResponse(text % {"limit": limit}, status=413, content_type="text/plain")


class TimeZoneMiddleware:
    """Activates the signed-in learner's time zone for the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(request.user.zone):
            return self.get_response(request)
