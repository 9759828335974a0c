"""What every answer tells the browser beside its content: may do little, is kept by nobody."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

# What no page of ours uses is off, also for whatever might be injected; passkeys are used.
POLICY = (
    "accelerometer autoplay browsing-topics camera clipboard-read display-capture "
    "encrypted-media geolocation gyroscope hid idle-detection local-fonts magnetometer microphone "
    "midi payment picture-in-picture publickey-credentials-create=(self) "
    "publickey-credentials-get=(self) screen-wake-lock serial storage-access usb "
    "window-management xr-spatial-tracking"
)
PERMISSIONS = ", ".join(name if "=" in name else f"{name}=()" for name in POLICY.split())
# A file that is opened instead of kept runs nothing and loads nothing.
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


class HeadersMiddleware:
    """Stands at the very front, so that static files, redirects and refusals have them too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        headers = response.headers
        headers["Permissions-Policy"] = PERMISSIONS
        # What anybody may load is a static file that comes through a CDN (STATIC_HOST).
        shared = "Access-Control-Allow-Origin" in headers
        headers["Cross-Origin-Resource-Policy"] = "cross-origin" if shared else "same-origin"
        # Not in shared caches, and not shown by "back" when its learner has signed out.
        headers.setdefault("Cache-Control", "private, no-store")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        if headers.get("Content-Disposition", "").startswith("attachment"):
            headers["Content-Security-Policy"] = SANDBOX
        return response
