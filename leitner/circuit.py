"""What this process knows of a server that may be away: whom to ask, whom to leave in peace."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from django.utils import timezone

logger = logging.getLogger(__name__)

# So long a server that failed is not asked again.
RETRY_SECONDS = 5.0
# A server that comes and goes is reported once in so many seconds, not each time.
QUIET_SECONDS = 600.0
# So many keys are remembered for it; with more, all that it holds is owed.
OWED_MAX = 10_000


@dataclass(slots=True)
class Circuit:
    """One server, as the threads of this process see it. It is asked while `failing_since` is None.

    `owed` are the keys whose change it did not hear of: they go before it is believed again.
    """

    name: str
    failing_since: dt.datetime | None = None
    reason: str = ""
    owed: set[str] = field(default_factory=set)
    owes_all: bool = False
    _ask_after: float = 0.0  # on the monotonic clock, as the next
    _told_at: float = -QUIET_SECONDS
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def way(self) -> Literal["ask", "try", "leave"]:
        """`try` is for one thread every five seconds: the others go on without meanwhile."""
        if self.failing_since is None:
            return "ask"
        with self._lock:
            if time.monotonic() < self._ask_after:
                return "leave"
            self._ask_after = time.monotonic() + RETRY_SECONDS
            return "try"

    def failed(self, error: Exception) -> None:
        """It did not answer, or not with what was asked for."""
        with self._lock:
            now = time.monotonic()
            self._ask_after = now + RETRY_SECONDS
            self.reason = f"{type(error).__name__}: {error}"
            self.failing_since = self.failing_since or timezone.now()
            if now - self._told_at < QUIET_SECONDS:
                return
            self._told_at = now
        logger.error(
            "%s does not answer (%s). Everything goes on without it: login sessions come from the "
            "database, and limits are counted by each process.",
            self.name,
            self.reason,
        )

    def owe(self, keys: Iterable[str]) -> None:
        """Their values were changed here, and it was not told."""
        with self._lock:
            self.owed.update(keys)
            if len(self.owed) > OWED_MAX:
                self.owed.clear()
                self.owes_all = True

    def paid(self, keys: set[str]) -> None:
        """It knows of these now."""
        with self._lock:
            self.owed -= keys

    def works(self) -> None:
        """It answers again, and what was owed to it is paid."""
        with self._lock:
            since, self.failing_since, self.reason = self.failing_since, None, ""
            self.owes_all = False
        if since is not None:
            logger.info("%s answers again; it did not since %s.", self.name, since.isoformat())
