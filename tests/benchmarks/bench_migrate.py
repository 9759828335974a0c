"""1,000,000 legacy cards into PostgreSQL: bare COPY, COPY as the cards end up, pgloader, and ours.

The four take turns, each in a process and a fresh database of its own, on a server as durable as in
production:
a) copy     the rows as they are, COPY by psycopg2, then the keys and indexes of the legacy app;
b) mapped   the rows as they end up, COPY by psycopg2, then the keys and indexes of this app;
c) pgloader as it comes with Debian, where it is installed;
d) ours     `manage.py migrate_from_sqlite`, with everything that it checks and compares.
Goals: d at most 1.5 times a, and 120 MB. BENCH_SCALE=0.01 takes fewer users.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit, urlunsplit

from tests.benchmarks.legacy_file import write_legacy

ROUNDS = 3
GOAL_RATIO, GOAL_MB = 1.5, 120
ROOT = Path(__file__).resolve().parent.parent.parent
Run = dict[str, float]


def main() -> None:
    from tests.servers import start_postgres

    with tempfile.TemporaryDirectory(prefix="leitner-bench-") as home:
        file, data = Path(home) / "legacy.sqlite3", Path(home) / "postgres"
        data.mkdir()
        rows = write_legacy(file)
        print(f"{rows:,} rows, {file.stat().st_size / 1e6:.0f} MB", flush=True)
        server = Server(start_postgres(data), data)
        server.prepare(Path(home))
        ways = ["copy", "mapped", "pgloader", "ours"]
        if not shutil.which("pgloader"):
            ways.remove("pgloader")
            print("pgloader: not measured, it is not installed")
        # What the mapped rows are is known after ours ran once.
        server.run("ours", file, keep_as="mapped_rows")
        server.save_mapped(Path(home) / "mapped.sqlite3")
        runs: dict[str, list[Run]] = {way: [] for way in ways}
        for _ in range(ROUNDS):
            for way in ways:
                source = Path(home) / "mapped.sqlite3" if way == "mapped" else file
                if run := server.run(way, source):
                    runs[way].append(run)
        if "pgloader" in runs and (died := ROUNDS - len(runs["pgloader"])):
            print(f"pgloader died in {died} of {ROUNDS} rounds")
        _report({way: _median(each) for way, each in runs.items() if each}, rows)


def _median(runs: list[Run]) -> Run:
    return {key: median(run[key] for run in runs) for key in runs[0]}


def _report(medians: dict[str, Run], rows: int) -> None:
    print(f"{'':10}{'seconds':>8}{'CPU here':>10}{'CPU there':>11}{'rows/s':>10}{'peak MB':>9}")
    for way, run in medians.items():
        print(
            f"{way:10}{run['seconds']:8.2f}{run['client']:10.2f}{run['server']:11.2f}"
            f"{rows / run['seconds']:10,.0f}{run['mb']:9.0f}"
        )
    ours, copy = medians["ours"], medians["copy"]["seconds"]
    print(f"ours / copy      {ours['seconds'] / copy:.2f} (goal {GOAL_RATIO})")
    print(f"ours / mapped    {ours['seconds'] / medians['mapped']['seconds']:.2f}")
    if "pgloader" in medians:
        print(f"pgloader / copy  {medians['pgloader']['seconds'] / copy:.2f}")
    print(f"memory           {ours['mb']:.0f} MB (goal {GOAL_MB})")


class Server:
    """The PostgreSQL that all are measured on."""

    def __init__(self, url: str, data: Path) -> None:
        self.url, self.data = url, data

    def prepare(self, home: Path) -> None:
        """An empty database of ours, to make copies of."""
        self.env = os.environ | {
            "ENV_FILE": os.devnull,
            "SECRET_KEY": uuid.uuid4().hex * 2,
            "HTTPS": "0",
            "DATA_DIR": str(home),
        }
        self.execute('CREATE DATABASE "empty"')
        manage = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(
            manage, check=True, cwd=ROOT, env=self.env | {"DATABASE_URL": self.of("empty")}
        )

    def of(self, database: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{database}"))

    def execute(self, statement: str) -> None:
        import psycopg2

        connection = psycopg2.connect(self.url)
        connection.autocommit = True
        connection.cursor().execute(statement)
        connection.close()

    def run(self, way: str, file: Path, keep_as: str = "target") -> Run | None:
        """One way, once, into a database that nothing was written to yet; None: pgloader died."""
        ours = way in ("ours", "mapped")
        self.execute(f'DROP DATABASE IF EXISTS "{keep_as}"')
        self.execute(f'CREATE DATABASE "{keep_as}"' + ' TEMPLATE "empty"' * ours)
        self.execute("CHECKPOINT")
        before = self.cpu_seconds()
        child = [sys.executable, "-m", "tests.benchmarks.migrate_ways", way, str(file)]
        env = self.env | {"DATABASE_URL": self.of(keep_as)}
        done = subprocess.run(child, cwd=ROOT, env=env, capture_output=True, text=True)
        if done.returncode and way == "pgloader":
            return None
        if done.returncode:
            raise SystemExit(f"{way} failed:\n{done.stdout}{done.stderr}")
        run: Run = json.loads(done.stdout.splitlines()[-1])
        return run | {"server": self.cpu_seconds() - before}

    def cpu_seconds(self) -> float:
        """Of the server's processes, those included that have ended."""
        import psutil

        postmaster = psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))
        while True:
            try:
                living = [child.cpu_times() for child in postmaster.children()]
            except psutil.NoSuchProcess:
                continue  # One has just ended: count again.
            own = postmaster.cpu_times()
            ended = own.children_user + own.children_system
            return float(ended + sum(each.user + each.system for each in [own, *living]))

    def save_mapped(self, path: Path) -> None:
        env = self.env | {"DATABASE_URL": self.of("mapped_rows")}
        child = [sys.executable, "-m", "tests.benchmarks.migrate_ways", "save", str(path)]
        subprocess.run(child, check=True, cwd=ROOT, env=env, capture_output=True)
        self.execute('DROP DATABASE "mapped_rows"')


if __name__ == "__main__":
    main()
