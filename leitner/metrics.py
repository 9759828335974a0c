"""What is counted, for Prometheus: the same numbers whichever of the processes is asked.

Each process counts in files of its own in METRICS_DIR (`leitner/gunicorn.py` gives it a place
there); without that folder, as in commands, it counts in memory.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

# Seconds; an answer takes some milliseconds, an import some seconds.
BUCKETS = 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10
# So often a process says how much memory it has.
MEMORY_SECONDS = 5.0

registry = CollectorRegistry()
_REQUESTS = Counter(
    "leitner_requests", "Requests by view and status.", ["view", "status"], registry=registry
)
_SECONDS = Histogram(
    "leitner_request_seconds", "Time of requests.", ["view"], registry=registry, buckets=BUCKETS
)
_ANSWERS = Counter("leitner_answers", "Answers by outcome.", ["outcome"], registry=registry)
_MAILS = Counter("leitner_mails", "Mails by outcome.", ["outcome"], registry=registry)
_ERRORS = Counter("leitner_errors", "Pages that broke.", registry=registry)
_MEMORY = Gauge(
    "leitner_process_memory_bytes",
    "Resident memory of each worker.",
    registry=registry,
    multiprocess_mode="liveall",
)
_memory_after = 0.0


def count_request(view: str, status: int, seconds: float) -> None:
    """`view` is a name of one of our addresses, never a path."""
    _REQUESTS.labels(view, status).inc()
    _SECONDS.labels(view).observe(seconds)
    _note_memory()


def count_answer(outcome: str) -> None:
    """`outcome` as `cards.answering` tells it."""
    _ANSWERS.labels(outcome).inc()


def count_mails(sent: int, failed: int) -> None:
    """Messages that the mail server took, and that it did not."""
    _MAILS.labels("sent").inc(sent)
    _MAILS.labels("failed").inc(failed)


def count_error() -> None:
    """A page broke."""
    _ERRORS.inc()


def text(folder: Path | None, parts: Iterable[tuple[str, str, float]]) -> bytes:
    """All numbers in Prometheus' text format. `folder`: where the processes of this machine count.

    `parts`: (part, figure, value) of what is looked at now instead of being counted.
    """
    all_of = registry
    if folder is not None:
        all_of = CollectorRegistry()
        MultiProcessCollector(all_of, path=str(folder))  # type: ignore[no-untyped-call]
    return generate_latest(all_of) + generate_latest(_Now(parts))


class _Now:
    """Written straight into the answer: a gauge of the library's would be kept in files."""

    def __init__(self, parts: Iterable[tuple[str, str, float]]) -> None:
        self._parts = parts

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(
            "leitner_part", "Parts of the site, figure by figure.", labels=["part", "figure"]
        )
        for part, figure, value in self._parts:
            family.add_metric([part, figure], value)
        yield family


def _note_memory() -> None:
    global _memory_after
    now = time.monotonic()
    if now < _memory_after:
        return
    _memory_after = now + MEMORY_SECONDS
    _MEMORY.set(resident_bytes())


def resident_bytes() -> int:
    """Memory of this process; 0 where Linux does not tell."""
    try:
        pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def counts_in_files() -> bool:
    """Whether this process is one of several that count together."""
    return bool(values.ValueClass._multiprocess)
