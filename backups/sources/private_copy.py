"""Files of a database in use, copied to a private place in a state that hangs together."""

from __future__ import annotations

import shutil
from pathlib import Path

from backups.errors import TransferError

TRIES = 5
# What SQLite keeps beside a database while it is written: the log, or the way back.
ENDS = "-wal", "-journal"
Signature = tuple[object, ...]


def _beside(source: Path, end: str) -> Path:
    return source.with_name(source.name + end)


def copied(source: Path, folder: Path) -> Path:
    """A private copy with its log or journal, of one moment: nothing changed while it was made."""
    copy = folder / "copy.sqlite3"
    try:
        for _ in range(TRIES):
            before = _signature(source)
            for end in ("", *ENDS):
                target = _beside(copy, end)
                target.unlink(missing_ok=True)
                if _beside(source, end).exists():
                    shutil.copyfile(_beside(source, end), target)
            if _signature(source) == before:
                return copy
    except OSError as error:
        raise TransferError(
            f"{source} cannot be copied to a temporary folder ({said(error)}). The variable TMPDIR "
            "names a folder with more room."
        ) from error
    raise TransferError(
        f"{source} kept changing while it was copied. Stop the app that writes to it for a moment."
    )


def _signature(source: Path) -> Signature:
    """What differs when somebody wrote: sizes, times, change counter, the salts of the log.

    The log may grow while it is copied, for what was added later is simply not read; its salts
    change when it starts anew.
    """
    with source.open("rb") as file:
        parts: list[object] = [file.read(100)]
    stat = source.stat()
    parts += [stat.st_size, stat.st_mtime_ns]
    for end in ENDS:
        try:
            with _beside(source, end).open("rb") as file:
                parts.append(file.read(32))
        except FileNotFoundError:
            parts.append(None)
    return tuple(parts)


def said(error: Exception) -> str:
    """What the system has to say, without the name of the file."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
