"""Where a page leads after its work is done."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def next_path(request: HttpRequest, default: str = "cards:browse") -> str:
    """The local path that `next` names, else the page `default`; never another site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return reverse(default)
