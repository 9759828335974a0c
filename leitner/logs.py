"""How lines of the log look: for people (LOG_FORMAT=line), or for machines (json)."""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import Any

from leitner.requests import request_id

# What a line about a request tells beside its words.
FIELDS = "method", "view", "status", "ms"


class RequestIdFilter(logging.Filter):
    """Gives each record the id of the request in which it was written; `-` outside of any."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get() or "-"
        return True


class JsonFormatter(logging.Formatter):
    """One object a line: time, level, logger, message, request_id, and the traceback if any."""

    def format(self, record: logging.LogRecord) -> str:
        found: dict[str, Any] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "-"),
        }
        found |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            found["traceback"] = self.formatException(record.exc_info)
        return json.dumps(found, ensure_ascii=False, default=str)
