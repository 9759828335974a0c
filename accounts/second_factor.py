"""Who may use the admin proves it with two things: the admin opens to nobody else."""

from __future__ import annotations

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

# Recovery codes alone are no second factor: they come with one.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# Without these nobody could leave, or come back as somebody else.
OPEN = {"admin:login", "admin:logout"}
# Pages of the admin that are not of its own making.
ALSO = {"admin-status"}


# Pages about second factors that change and tell nothing, or are the way to prove one.
HARMLESS = {
    *("mfa_index", "mfa_authenticate", "mfa_trust", "mfa_login_webauthn", "mfa_signup_webauthn"),
    *("mfa_reauthenticate", "mfa_reauthenticate_webauthn"),
}
SET_UP_HERE = "second_factor_set_up_here"  # In the login session.


class StaffTwoFactorMiddleware(MiddlewareMixin):
    """Leads staff to set up a second factor, or to give it, before any page of the admin answers.

    Who has one gives it also before it is changed or its codes are shown: else the password alone
    would replace it. The pages that they are led to lie outside, so that there is no circle.
    """

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        match = request.resolver_match
        if not settings.STAFF_TWO_FACTOR or match is None:
            return None
        changes = match.view_name.startswith("mfa_") and match.view_name not in HARMLESS
        if not changes and "admin" not in match.app_names and match.view_name not in ALSO:
            return None
        if match.view_name in OPEN or not request.user.is_staff:
            return None  # Django sends strangers away itself.
        kinds = _kinds(request)
        if not kinds and changes:
            request.sets_up_factor = True  # type: ignore[attr-defined]
            return None
        if not kinds:
            text = _("The admin needs a second factor: set up an app or a passkey, then come back.")
            messages.warning(request, text)
            return redirect("mfa_index")
        if changes and request.session.get(SET_UP_HERE):
            return None
        if _gave_it(request):
            return None
        page = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
        way = (
            "mfa_reauthenticate"
            if Authenticator.Type.TOTP in kinds
            else "mfa_reauthenticate_webauthn"
        )
        return redirect_to_login(page, way)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Who has just set up the first one sees its recovery codes without giving it again."""
        if getattr(request, "sets_up_factor", False) and _kinds(request):
            request.session[SET_UP_HERE] = True
        return response


def _kinds(request: HttpRequest) -> set[str]:
    own = Authenticator.objects.filter(user=request.user, type__in=FACTORS)
    return set(own.values_list("type", flat=True))


def _gave_it(request: HttpRequest) -> bool:
    """Whether this login session was ever proved with a second factor.

    One that began with the password alone, before there was a second factor, was not.
    """
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)
