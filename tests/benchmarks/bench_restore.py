"""1,000,000 cards and 1,000,000 reviews into PostgreSQL: a bare COPY, pg_restore, and ours.

The ways take turns, each into a fresh database on one server that is as durable as in production:
copy        psql: keys and indexes off, COPY FROM of each table's CSV on the disk, keys and
            indexes built again; nothing is checked but what the server checks by itself;
pg_restore  of `pg_dump -Fc` of the same data, tables made anew;
ours        `manage.py restore_backup`, from its start to its end: fetched, every checksum read,
            copied, indexes, every row compared, committed.
Goals: ours at most 1.5 times copy, and 120 MB. BENCH_SCALE=0.01 takes fewer.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tests.benchmarks import million
from tests.benchmarks.bench_backup import Run, measured, middle, tool

ROUNDS = 3
GOAL_RATIO, GOAL_MB = 1.5, 120
EMPTY, TARGET = "bench_empty", "bench_target"


def main() -> None:
    million.prepare()
    home = Path(os.environ["DATA_DIR"])
    site = os.environ["DATABASE_URL"]
    archive, dump = sources(home, site)
    sql("postgres", f"CREATE DATABASE {EMPTY}")
    run(["manage.py", "migrate", "--verbosity=0"], named(EMPTY))
    script = copying(home, archive)
    runs: dict[str, list[Run]] = {"copy": [], "pg_restore": [], "ours": []}
    for _ in range(ROUNDS):
        for way, each in runs.items():
            sql("postgres", f"DROP DATABASE IF EXISTS {TARGET} WITH (FORCE)")
            template = "template0" if way == "pg_restore" else EMPTY
            sql("postgres", f"CREATE DATABASE {TARGET} TEMPLATE {template}")
            sql("postgres", "CHECKPOINT")
            each.append(measured(command(way, script, dump), home / "out"))
            same_rows(site)
    report({way: middle(each) for way, each in runs.items()})


def sources(home: Path, site: str) -> tuple[Path, Path]:
    """A backup of all data where backups are kept, and a dump."""
    from backups.archives.exporting import export
    from backups.archives.naming import name_of

    shutil.rmtree(home / "out", ignore_errors=True)
    (home / "out").mkdir()
    archive = home / "out" / name_of(million.NOW, encrypted=False)
    export(archive)
    run_tool(["pg_dump", "-Fc", "-Z", "gzip:1", "-f", str(home / "dump"), site])
    return archive, home / "dump"


def copying(home: Path, archive: Path) -> Path:
    """The bare COPY of every table as a script for psql; the CSV files lie beside it."""
    from django.db import connections

    from backups.sinks.postgres import SETTINGS
    from backups.sinks.taken_off import parts_of
    from backups.tables import tables

    with zipfile.ZipFile(archive) as opened:
        opened.extractall(home / "csv")
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(oid::bigint) FROM pg_class WHERE relname = ANY(%s)",
            [[table.name for table in tables()]],
        )
        parts = parts_of(cursor, cursor.fetchone()[0])
    lines = ["BEGIN;", SETTINGS, *(f"{part.drop};" for part in reversed(parts))]
    for table in tables():
        if all(not column.named_by for column in table.columns):
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            file = home / "csv" / f"{table.name}.csv"
            lines.append(f"\\copy \"{table.name}\" ({names}) from '{file}' csv header")
    lines += [*(f"{part.create};" for part in parts), "ANALYZE;", "COMMIT;"]
    script = home / "copy.sql"
    script.write_text("\n".join(lines))
    return script


def command(way: str, script: Path, dump: Path) -> list[str]:
    """What to run for this way to have everything in the target."""
    url = named(TARGET)
    if way == "copy":
        return [tool("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(script), url]
    if way == "pg_restore":
        return [tool("pg_restore"), "--no-owner", "-d", url, str(dump)]
    ours = [sys.executable, "manage.py", "restore_backup", "latest", "--no-progress"]
    return ["env", f"DATABASE_URL={url}", *ours]


def same_rows(site: str) -> None:
    """Whatever was measured did it."""
    query = "SELECT (SELECT count(*) FROM cards_card), (SELECT count(*) FROM cards_review)"
    if sql(TARGET, query) != sql(urlsplit(site).path[1:], query):
        raise SystemExit("Not all rows are there.")


def named(database: str) -> str:
    """The address of this database on the server."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}"))


def sql(database: str, statement: str) -> str:
    return run_tool(["psql", "-X", "-q", "-t", "-c", statement, named(database)])


def run_tool(command: list[str]) -> str:
    done = subprocess.run([tool(command[0]), *command[1:]], stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()


def run(command: list[str], url: str) -> None:
    env = os.environ | {"DATABASE_URL": url}
    subprocess.run([sys.executable, *command], env=env, check=True)


def report(medians: dict[str, Run]) -> None:
    """A table of the medians, and ours against the others."""
    print(f"{'restore':12}{'seconds':>8}{'CPU here':>10}{'CPU there':>11}{'peak MB':>9}")
    for way, each in medians.items():
        costs = f"{each['client']:10.2f}{each['server']:11.2f}{each['mb']:9.0f}"
        print(f"{way:12}{each['seconds']:8.2f}{costs}")
    ours = medians["ours"]
    ratio = ours["seconds"] / medians["copy"]["seconds"]
    print(f"ours / copy        {ratio:.2f} (goal {GOAL_RATIO})")
    work = {way: each["client"] + each["server"] for way, each in medians.items()}
    # On a machine with other work to do, this says more than the seconds.
    print(f"CPU of both        {work['ours'] / work['copy']:.2f} times that of copy")
    print(f"ours / pg_restore  {ours['seconds'] / medians['pg_restore']['seconds']:.2f}")
    print(f"memory             {ours['mb']:.0f} MB (goal {GOAL_MB})", flush=True)


if __name__ == "__main__":
    main()
