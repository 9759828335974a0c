"""Reports to Sentry when SENTRY_DSN is set: what broke and where, nothing of a learner.

What is sent is built anew from a short list instead of being searched for secrets. The words of an
error are not among it, since a database says which values it did not like; they are in the log,
under the same request id.
"""

from __future__ import annotations

import logging
import re
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.logging import LoggingIntegration

from leitner.requests import request_id, view_name

KEPT = "event_id", "timestamp", "level", "logger", "platform", "release", "environment", "sdk"
OF_A_FRAME = (
    *("filename", "abs_path", "function", "module", "lineno"),
    *("pre_context", "context_line", "post_context", "in_app"),
)
# Should one ever stand in a sentence of ours.
EMAIL = re.compile(r"[^\s\"'<>(),:;]+@[^\s\"'<>(),:;]+")


def start(dsn: str, release: str) -> None:
    """Called once for each process. Errors only: no traces, no breadcrumbs, no sessions.

    Personal data are off by default (`send_default_pii`), and `scrubbed` keeps to that in any case.
    """
    sentry_sdk.init(
        dsn=dsn,
        release=release,
        default_integrations=True,
        auto_enabling_integrations=False,
        integrations=[
            DjangoIntegration(middleware_spans=False, signals_spans=False),
            LoggingIntegration(level=None, event_level=logging.ERROR),
        ],
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=None,
        auto_session_tracking=False,
        before_send=scrubbed,
    )


def scrubbed(event: Any, hint: Any) -> Any:
    """The event as it may leave the machine."""
    found: dict[str, Any] = {name: event[name] for name in KEPT if name in event}
    found["tags"] = {"request_id": request_id.get() or "-", "view": view_name.get() or "-"}
    found["transaction"] = view_name.get() or "command"
    if "exception" in event:
        values = event["exception"].get("values") or []
        found["exception"] = {"values": [_exception(value) for value in values]}
    if "logentry" in event:
        # The words as they stand in the code, without what was filled in.
        message = str(event["logentry"].get("message", ""))
        found["logentry"] = {"message": EMAIL.sub("[address]", message)}
    return found


def _exception(value: dict[str, Any]) -> dict[str, Any]:
    frames = (value.get("stacktrace") or {}).get("frames") or []
    kept = [{name: frame[name] for name in OF_A_FRAME if name in frame} for frame in frames]
    return {
        "type": value.get("type"),
        "module": value.get("module"),
        "value": "(in the log)",
        "mechanism": {"type": "generic", "handled": False},
        "stacktrace": {"frames": kept},
    }
