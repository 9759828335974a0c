"""Pages that belong to the site itself."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from leitner.requests import request_id


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What this site knows about whom, for how long, and who answers for it: from the settings."""
    context = {
        "operator": settings.OPERATOR_NAME,
        "contact": settings.CONTACT_EMAIL,
        "session_cookie": settings.SESSION_COOKIE_NAME,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "session_days": settings.SESSION_COOKIE_AGE // (24 * 60 * 60),
        "trash_days": settings.TRASH_DAYS,
        "unconfirmed_days": settings.UNCONFIRMED_ACCOUNT_DAYS,
        "inactive_days": settings.INACTIVE_ACCOUNT_DAYS if settings.EMAIL_HOST else 0,
        "log_days": settings.ADMIN_LOG_DAYS,
        "backup_days": settings.BACKUP_KEEP_DAYS,
        "backup_months": settings.BACKUP_KEEP_MONTHS,
        "encrypted": bool(settings.BACKUP_AGE_RECIPIENTS),
        "reported": bool(settings.SENTRY_DSN),
        "static_host": settings.STATIC_HOST.partition("://")[2],
    }
    return render(request, "privacy.html", context)


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke: a page that needs nothing, with the id under which the log tells what."""
    return HttpResponse(render_to_string("500.html", {"id": request_id.get()}), status=500)
