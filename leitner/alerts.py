"""Mail to ADMINS about pages that broke: soon, seldom, and never in the way of an answer."""

from __future__ import annotations

import datetime as dt
import logging
import queue
import threading
import time
import traceback
from collections import OrderedDict
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.core.mail import mail_admins
from django.utils import timezone

from leitner import metrics
from leitner.requests import request_id, view_name

logger = logging.getLogger(__name__)

# Of one kind of error one mail in so many seconds, and of all kinds so many in an hour.
AGAIN_SECONDS, MOST_AN_HOUR = 600.0, 12
# A mail server that hangs holds back so many mails at most; what is beyond is in the log.
WAITING = 20
KINDS = 1_000
DAY = 24
ERRORS_MAX = 10  # In one mail, each of which led to the next.


@dataclass(slots=True)
class _Kind:
    """An error of one class from one place."""

    told_at: float  # on the monotonic clock
    since: int = 0  # How often it came since then.


class Alerts:
    """What this process has told, and the thread that sends."""

    def __init__(self) -> None:
        self._kinds: OrderedDict[str, _Kind] = OrderedDict()
        self._sent: list[float] = []
        self._lock = threading.Lock()
        self._queue: queue.Queue[tuple[str, str]] = queue.Queue(WAITING)
        self._thread: threading.Thread | None = None

    def tell(self, kind: str, subject: str, text: str) -> bool:
        """Whether a mail goes out for it; returns at once."""
        more = self._claim(kind, time.monotonic())
        if more is None:
            return False
        if more:
            text += f"\nThe same came {more} more times since the last mail about it.\n"
        try:
            self._queue.put_nowait((subject, text))
        except queue.Full:
            logger.warning("Too many mails to the admins wait already; this one is not sent.")
            return False
        self._start()
        return True

    def wait(self) -> None:
        """Until all mails were handed over, or could not be."""
        self._queue.join()

    def _claim(self, kind: str, now: float) -> int | None:
        """How many of this kind were not told since the last mail; None when none is due."""
        with self._lock:
            known = self._kinds.get(kind)
            if known and now - known.told_at < AGAIN_SECONDS:
                known.since += 1
                return None
            self._sent = [at for at in self._sent if now - at < 3600]
            if len(self._sent) >= MOST_AN_HOUR:
                return None
            self._sent.append(now)
            self._kinds[kind] = _Kind(now)
            while len(self._kinds) > KINDS:
                self._kinds.popitem(last=False)
            return known.since if known else 0

    def _start(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._send, name="alerts", daemon=True)
                self._thread.start()

    def _send(self) -> None:
        while True:
            subject, text = self._queue.get()
            try:
                mail_admins(subject, text)
            except Exception as error:
                logger.warning("The admins could not be told by mail (%s).", type(error).__name__)
            finally:
                self._queue.task_done()


alerts = Alerts()


class AdminsHandler(logging.Handler):
    """For errors of pages: counted for the status page, and mailed, without what a learner sent."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            kind = _kind(record)
            metrics.count_error()
            remember(kind)
            if settings.ADMINS and not settings.DEBUG:
                alerts.tell(kind, f"A page broke: {kind}", _text(record))
        except Exception:
            self.handleError(record)


def remember(kind: str) -> None:
    """For `errors_of_the_day`; kept in the cache, so that a dead database does not matter."""
    key = _key(timezone.now())
    cache.add(key, 0, (DAY + 1) * 3600)
    try:
        cache.incr(key)
    except ValueError:  # It was dropped between the two.
        cache.set(key, 1, (DAY + 1) * 3600)
    last = {"at": timezone.now(), "kind": kind, "id": request_id.get(), "view": view_name.get()}
    cache.set("errors-last", last, DAY * 3600)


def errors_of_the_day(now: dt.datetime) -> tuple[int, dict[str, object] | None]:
    """How many pages broke in the last 24 hours, and the last one: at, kind, id, view."""
    hours = [_key(now - dt.timedelta(hours=hour)) for hour in range(DAY)]
    return sum(cache.get_many(hours).values()), cache.get("errors-last")


def _key(now: dt.datetime) -> str:
    return f"errors-{now.astimezone(dt.UTC):%Y%m%d%H}"


def _kind(record: logging.LogRecord) -> str:
    """`OperationalError in cards/queue.py:31`, the same for all pages that break there."""
    if not record.exc_info or record.exc_info[0] is None:
        words = str(record.msg).partition(":")[0][:100]
        return record.name if not words or "%" in words else words
    frames = traceback.extract_tb(record.exc_info[2])
    ours = [frame for frame in frames if str(settings.BASE_DIR) in frame.filename]
    ours = [frame for frame in ours if "site-packages" not in frame.filename] or list(frames)
    if not ours:
        return record.exc_info[0].__name__
    path = ours[-1].filename.removeprefix(f"{settings.BASE_DIR}/")
    return f"{record.exc_info[0].__name__} in {path}:{ours[-1].lineno}"


def _text(record: logging.LogRecord) -> str:
    trace = _trace(record.exc_info[1]) if record.exc_info else ""
    return (
        f"View: {view_name.get() or '-'}\nRequest: {request_id.get() or '-'} (look for it in the "
        f"log)\nRelease: {settings.RELEASE}\n\n{trace or record.getMessage()}\n"
    )


def _trace(error: BaseException | None) -> str:
    """Where it broke, without the words of the errors: a database repeats values in them."""
    parts: list[str] = []
    while error is not None and len(parts) < ERRORS_MAX:
        lines = traceback.format_tb(error.__traceback__)
        parts.append("".join([*lines, f"{type(error).__name__} (its words are in the log)\n"]))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\nwhich led to:\n\n".join(reversed(parts))
