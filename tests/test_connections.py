"""Four machines under load never take more connections than the settings say."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.urls import reverse

from leitner.checks_database import most_connections
from tests.factories import make_cards, make_user
from tests.gunicorns import ask, cookies, machines
from tests.pgbouncer import pgbouncer
from tests.servers import postgres_url

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="about connections to PostgreSQL"),
]
MACHINES, WORKERS, THREADS, POOL = 4, 1, 4, 6
LEARNERS, ROUNDS = 24, 4
PAGES = "/", "/cards/", "/statistics/", "/review/"
COUNT = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND application_name = 'pages'"


class Watch:
    """The most connections of pages that were seen at one time."""

    def __init__(self) -> None:
        self.most = 0

    @contextmanager
    def looking(self, name: str) -> Iterator[None]:
        over = threading.Event()
        looker = threading.Thread(target=self._look, args=(name, over))
        looker.start()
        try:
            yield
        finally:
            over.set()
            looker.join()

    def _look(self, name: str, over: threading.Event) -> None:
        with closing(psycopg2.connect(postgres_url())) as raw:
            raw.autocommit = True
            cursor = raw.cursor()
            while not over.wait(0.005):
                cursor.execute(COUNT, [name])
                self.most = max(self.most, cursor.fetchone()[0])


def load(addresses: list[str]) -> Counter[int]:
    """Learners on all machines at once, who also take their data along; the statuses they got."""
    visits: list[Callable[[], int]] = []
    download = reverse("backups:download")
    for number in range(LEARNERS):
        user = make_user()
        make_cards(user, 3)
        cookie, address = cookies(user), addresses[number % len(addresses)]
        pages: list[tuple[str, bytes | None]] = [(page, None) for page in PAGES * ROUNDS]
        for page, data in [*pages, (download, b"")]:
            visits.append(lambda url=address + page, c=cookie, d=data: ask(url, c, d))  # type: ignore[misc]
    with ThreadPoolExecutor(LEARNERS * 2) as pool:
        return Counter(pool.map(lambda visit: visit(), visits))


def test_directly_each_thread_has_one_and_each_process_three_more(
    tmp_path: Path, settings: Any
) -> None:
    settings.WEB_MACHINES, settings.WEB_CONCURRENCY = MACHINES, WORKERS
    settings.WEB_THREADS = THREADS
    name, watch = str(connection.settings_dict["NAME"]), Watch()
    url = postgres_url().replace("/postgres?", f"/{name}?") + "&application_name=pages"
    with (
        machines(MACHINES, tmp_path, workers=WORKERS, threads=THREADS, DATABASE_URL=url) as sites,
        watch.looking(name),
    ):
        statuses = load(sites)
    assert statuses == {200: LEARNERS * (len(PAGES) * ROUNDS + 1)}
    assert MACHINES * WORKERS < watch.most <= most_connections() == 28


def test_through_pgbouncer_the_database_has_as_many_as_its_pool(tmp_path: Path) -> None:
    name, watch = str(connection.settings_dict["NAME"]), Watch()
    with pgbouncer(postgres_url(), POOL) as (host, port):
        url = f"postgres://postgres@{host}:{port}/{name}?application_name=pages"
        urls = {"DATABASE_URL": url, "DATABASE_DIRECT_URL": postgres_url()}
        with (
            machines(MACHINES, tmp_path, workers=WORKERS, threads=THREADS, **urls) as sites,
            watch.looking(name),
        ):
            statuses = load(sites)
    assert statuses == {200: LEARNERS * (len(PAGES) * ROUNDS + 1)}
    assert 1 < watch.most <= POOL
