"""The phases of the load benchmark, and what it prints. Nothing is asserted."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import psutil

from tests.benchmarks.load import data
from tests.benchmarks.load.learners import Drive, Row, drive
from tests.benchmarks.load.pgbench import pgbench
from tests.benchmarks.load.queries import queries
from tests.benchmarks.load.serving import CORES, Meter, gunicorn, memory, pin
from tests.servers import start_postgres, valkey_url

AT_ONCE, ROUNDS, SECONDS, PEAK_SECONDS = 8, 3, 8.0, 30.0
# The peak hour of 10,000 learners, and how many answers a visit of ours has.
PEAK_ANSWERS, ANSWERS_A_VISIT = 60.0, 10
BARE = {"DJANGO_SETTINGS_MODULE": "tests.benchmarks.load.bare_settings"}


class Bench:
    """Servers, their meters, and learners who have not been used up yet."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        (home / "postgres").mkdir()
        database = start_postgres(home / "postgres")
        cache = stack.enter_context(valkey_url())
        self.environment = data.set_up_django(home, database, cache)
        self.owners = data.fill()
        self.sessions = list(data.sign_in(self.owners).items())
        self.cards = data.answerable(self.owners)
        postmaster = (home / "postgres" / "postmaster.pid").read_text("utf-8").split()[0]
        self.database = psutil.Process(int(postmaster))
        mine = psutil.Process().children(recursive=True)
        self.cache = next(one for one in mine if "valkey" in one.name())
        for process in (self.database, self.cache):
            pin(process)

    def take(self, count: int) -> list[tuple[int, str]]:
        taken, self.sessions = self.sessions[:count], self.sessions[count:]
        return taken

    def run(
        self, port: int, master: psutil.Process, do: Drive, learners: int, at_once: int = AT_ONCE
    ) -> Result:
        """So many driving processes at once, and what each server used meanwhile."""
        pin(self.database)
        begin = time.time() + 3
        sessions = self.take(learners)
        parts = [sessions[index::at_once] for index in range(at_once)]
        do = replace(do, port=port, begin=begin, until=begin + do.until, rate=do.rate / at_once)
        meters = [Meter(master), Meter(self.database), Meter(self.cache)]
        with ProcessPoolExecutor(at_once, get_context("spawn")) as pool:
            cards = [{pk: self.cards[pk] for pk, _ in part} for part in parts]
            futures = [
                pool.submit(drive, replace(do, sessions=part, cards=mine if do.answers_to else {}))
                for part, mine in zip(parts, cards, strict=True)
            ]
            time.sleep(max(0.0, begin - time.time()))
            before = [meter.read() for meter in meters]
            rows = [row for future in futures for row in future.result()]
            seconds = time.time() - begin
            after = [meter.read() for meter in meters]
        used = [now - then for now, then in zip(after, before, strict=True)]
        return Result(rows, used, seconds)


class Result:
    """Requests of one phase: how many, how fast, and CPU seconds of app, database and cache."""

    def __init__(self, rows: list[Row], used: list[float], seconds: float) -> None:
        self.rows = [row for row in rows if row[0] != "before"]
        self.used, self.seconds = used, seconds
        bad = [row for row in rows if row[2] >= 400]
        if bad:
            print(f"  {len(bad)} of {len(rows)} requests failed: {sorted({row[2] for row in bad})}")

    @property
    def cpu(self) -> list[float]:
        """Milliseconds a request: app, database, cache."""
        return [seconds * 1e3 / len(self.rows) for seconds in self.used]

    def times(self, kind: str = "") -> list[float]:
        return sorted(row[1] * 1e3 for row in self.rows if not kind or row[0] == kind)


def share(times: list[float], part: float) -> float:
    return times[min(len(times) - 1, int(len(times) * part))]


def line(name: str, result: Result, kind: str = "") -> None:
    times = result.times(kind)
    print(f"  {name:22}{len(times):>8,}{share(times, 0.5):>9.1f}{share(times, 0.99):>9.1f}")


def answers(bench: Bench) -> None:
    """An answer here, beside the least that it can cost and what the database does for it."""
    print(
        f"\nAnswers only, {AT_ONCE} at once, {ROUNDS} rounds of {SECONDS:.0f} s; CPU ms a request"
    )
    print(f"  {'':22}{'app':>8}{'database':>9}{'cache':>7}{'all':>7}{'a second':>10}")
    ways: dict[str, tuple[dict[str, str], str]] = {
        "Leitner": ({}, "/review/answer/"),
        "same SQL, bare view": (BARE, "/bare/answer/"),
        "no SQL, bare view": (BARE, "/bare/ok/"),
    }
    found: dict[str, list[Result]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (more, path) in ways.items():
            with gunicorn(bench.environment | more, workers=2, threads=4) as server:
                do = Drive(0, [], 0, SECONDS, answers_to=path)
                found[name].append(bench.run(*server, do, max(AT_ONCE, len(bench.owners) // 25)))
    totals = {}
    for name, results in found.items():
        cpu = [median(values) for values in zip(*(result.cpu for result in results), strict=True)]
        totals[name] = sum(cpu)
        pace = median(len(result.rows) / result.seconds for result in results)
        print(
            f"  {name:22}{cpu[0]:>8.2f}{cpu[1]:>9.2f}{cpu[2]:>7.2f}{sum(cpu):>7.2f}{pace:>10,.0f}"
        )
    per_second, milliseconds = pgbench(
        bench.environment["DATABASE_URL"], bench.owners, bench.database
    )
    print(f"  {'same SQL, pgbench':22}{'':8}{milliseconds:>9.2f}{'':14}{per_second:>10,.0f}")
    ratio = totals["Leitner"] / totals["same SQL, bare view"]
    print(f"  Leitner / same SQL in a bare view: {ratio:.2f} (goal 1.3)")


def mixed(bench: Bench) -> None:
    """Visits as they come: as many as it takes, then at the pace of the peak hour."""
    with gunicorn(bench.environment, workers=2, threads=4) as (port, master):
        most = bench.run(port, master, Drive(0, [], 0, SECONDS * 2), len(bench.owners) // 5)
        print(f"\nVisits, {AT_ONCE} at once, {most.seconds:.0f} s")
        table(most)
        rate = PEAK_ANSWERS / ANSWERS_A_VISIT
        do = Drive(0, [], 0, PEAK_SECONDS, rate=rate)
        peak = bench.run(port, master, do, int(rate * PEAK_SECONDS * 2), at_once=4 * AT_ONCE)
        print(f"\nThe peak hour of 10,000 learners: {PEAK_ANSWERS:.0f} answers a second and pages")
        table(peak)
        idle = 1 - sum(peak.used) / (CORES * peak.seconds)
        p99 = share(peak.times(), 0.99)
        print(f"  idle of {CORES} cores: {idle:.0%} (goal 50%), p99 {p99:.0f} ms (goal 200)")
        print("\nMemory, MB (RSS, PSS; goal: a worker under 120)")
        for name, rss, pss in memory(master):
            print(f"  {name:22}{rss:>8.0f}{pss:>8.0f}")


def table(result: Result) -> None:
    print(f"  {'':22}{'number':>8}{'p50 ms':>9}{'p99 ms':>9}")
    for kind in dict.fromkeys(row[0] for row in result.rows):
        line(kind, result, kind)
    line("all", result)
    count = len(result.times("answer"))
    app, database, cache = result.cpu
    print(
        f"  {len(result.rows) / result.seconds:,.0f} requests and {count / result.seconds:,.0f} "
        f"answers a second; CPU ms a request: app {app:.2f}, database {database:.2f}, cache "
        f"{cache:.2f}"
    )


def main() -> None:
    home = Path(tempfile.mkdtemp(prefix="leitner-load-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    with ExitStack() as stack:
        bench = Bench(home, stack)
        print(
            "\nDatabase queries a request: "
            + ", ".join(f"{kind} {count}" for kind, count in queries(bench.owners[-1]).items())
        )
        phases: list[Callable[[Bench], None]] = [answers, mixed]
        for phase in phases:
            phase(bench)


if __name__ == "__main__":
    main()
