"""What a form sent, kept on the page that could not take it, to be sent again by one press.

For views behind the CSRF check only: no other site may put words there.
"""

from __future__ import annotations

import re

from django.http import HttpRequest

SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
# What people type there is not for a page that stays open for an hour.
ACCOUNTS = "accounts/"
SECRET = re.compile("passw|secret|token|credential|code|key", re.IGNORECASE)
KEPT_MAX = 1_000_000  # characters


def kept_fields(request: HttpRequest) -> list[tuple[str, str]] | None:
    """What was sent, to be sent again; None when it is not to be kept on a page."""
    if request.method != "POST" or request.content_type not in FORMS:
        return None
    if request.FILES or is_account(request):
        return None
    sent = [(name, str(value)) for name, values in request.POST.lists() for value in values]
    fields = [(name, value) for name, value in sent if name != "csrfmiddlewaretoken"]
    if any(SECRET.search(name) for name, _ in fields):
        return None
    return fields if sum(len(value) for _, value in fields) <= KEPT_MAX else None


def is_account(request: HttpRequest) -> bool:
    """Whether the request is for a page about the account."""
    match = request.resolver_match
    return match is not None and match.route.startswith(ACCOUNTS)
