"""Where a request comes from: the one answer for limits, sign-ins and the list of sessions."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The client's IP address as our own proxies saw it; empty when it cannot be known.

    Each of the TRUSTED_PROXIES adds the address that it was reached from to the end of
    X-Forwarded-For. What stands before that the client wrote, and may be anything.
    """
    proxies: int = settings.TRUSTED_PROXIES
    entries = [entry for entry in request.headers.get("X-Forwarded-For", "").split(",") if entry]
    if proxies and entries:
        found = _parsed(entries[-min(proxies, len(entries))])
        if found:
            return found
    return _parsed(request.META.get("REMOTE_ADDR", ""))


def client_network(request: HttpRequest) -> str:
    """The address, but for IPv6 the /64 that one household or machine has to itself."""
    address = client_address(request)
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address}/64", strict=False))


def _parsed(text: str) -> str:
    """`192.0.2.1`, `192.0.2.1:443`, `[2001:db8::1]:443`; IPv4 written as IPv6 is IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(address)
