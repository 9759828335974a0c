"""What `manage.py check --deploy` says of limits: whom they count, and what has none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004


def register_all() -> None:
    """Called once, when the app is ready."""
    register(check_limits, Tags.security, deploy=True)


def check_limits(**_: Any) -> list[CheckMessage]:
    """Limits that would hit everybody, or nobody."""
    return [*_proxies(), *_off()]


def _proxies() -> Iterator[CheckMessage]:
    behind_proxy = bool(settings.SECURE_PROXY_SSL_HEADER)
    if behind_proxy and not settings.TRUSTED_PROXIES:
        yield Warning(
            "Everybody seems to come from the proxy, and shares the limits of one address: many "
            "wrong passwords from one place would keep all others from signing in.",
            hint="Set TRUSTED_PROXIES to the number of proxies: nginx or Caddy 1, Render 2.",
            id="leitner.W301",
        )
    if settings.TRUSTED_PROXIES and not behind_proxy:
        yield Warning(
            "TRUSTED_PROXIES is set and BEHIND_PROXY is not. Without a proxy, clients choose the "
            "address by which they are counted.",
            hint="Set BEHIND_PROXY to 1, or TRUSTED_PROXIES to 0 when no proxy stands in front.",
            id="leitner.W302",
        )


def _off() -> Iterator[CheckMessage]:
    off = [name for name, rate in settings.RATE_LIMITS.items() if not rate]
    if off:
        yield Warning(
            f"There is no limit for: {', '.join(off)}.",
            hint="Take it out of RATE_LIMITS, or give it a high rate there.",
            id="leitner.W303",
        )
