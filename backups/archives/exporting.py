"""All data of this site as one archive: complete, read back and checked, or not there at all."""

from __future__ import annotations

import os
from pathlib import Path

from backups.archives.archive import Manifest, Reader, Writer
from backups.archives.csv_text import csv_line
from backups.archives.packing import fast_packer
from backups.archives.snapshot import Snapshot, snapshot_of
from backups.display import Display
from backups.tables import tables
from leitner import __version__, replica


def export(target: Path, using: str = "default", display: Display | None = None) -> Manifest:
    """Write an archive of the database `using` to `target`, of one instant; what it holds.

    Until it was read back and found whole it has another name; when anything fails nothing is left.
    FileExistsError when `target` is there.
    """
    display = display or Display(None)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    if target.exists():
        raise FileExistsError(target)
    try:
        manifest = replica.instead_of(using, lambda place: _taken(partial, place, display))
        display.phase("Reading it back")
        with Reader(partial) as reader:
            reader.check()
        _settle(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def _taken(path: Path, using: str, display: Display) -> Manifest:
    path.unlink(missing_ok=True)  # What is left of a try with the replica.
    with snapshot_of(using) as snapshot:
        return _write(path, snapshot, display)


def _write(path: Path, snapshot: Snapshot, display: Display) -> Manifest:
    # Password hashes are in it: for the operator's eyes only, from the first byte on.
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    writer = Writer(path, fast_packer)
    try:
        for table in tables():
            display.phase(f"Writing {table.label}")
            columns = [column.name for column in table.columns]
            with writer.table(table.name, columns) as (file, rows):
                file.write(csv_line(columns).encode())
                rows.append(snapshot.write_csv(table, file))
            display.rows(sum(member.rows for member in writer.members))
        manifest = Manifest(
            app_version=__version__,
            migrations=snapshot.migrations,
            database=snapshot.vendor,
            snapshot=snapshot.instant,
            tables=writer.members,
        )
        writer.close(manifest)
    except BaseException:
        writer.abandon()
        raise
    return manifest


def _settle(partial: Path, target: Path) -> None:
    """On the disk, and then under its name."""
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
