"""A whole backup as an open file, for an admin who takes it along."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from django.conf import settings

from backups.errors import TransferError
from backups.files import disk_trouble
from backups.models import BackupRun
from backups.places.destinations import destinations, get

PREFIX = ".leitner-download-"
DAY = 24 * 60 * 60  # seconds


def open_backup(run: BackupRun) -> IO[bytes]:
    """The file that the good export `run` made, still encrypted if it is; the caller closes it.

    It has no name any more, so that it is gone then. TransferError when no destination gives it
    as it was stored.
    """
    home = Path(settings.BACKUP_DIR)  # Archives may be too large for /tmp.
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(home)
        with TemporaryDirectory(prefix=PREFIX, dir=home) as folder:
            return _fetched(run, Path(folder)).open("rb")
    except OSError as error:
        raise TransferError(f"{home} cannot be worked in: {disk_trouble(error)}") from error


def _sweep(home: Path) -> None:
    """Remove what was left by a server that was killed a day ago or earlier."""
    for left in home.glob(f"{PREFIX}*"):
        if left.lstat().st_mtime < time.time() - DAY:
            shutil.rmtree(left, ignore_errors=True)


def _fetched(run: BackupRun, folder: Path) -> Path:
    troubles = []
    for number, place in enumerate(destinations()):
        path = folder / str(number)
        try:
            if get(place, run.name, path).sha256 == run.sha256:
                return path
            path.unlink()
            troubles.append(
                f"{run.name} in {place.place} is not the file that was kept there: it was changed "
                "or damaged since."
            )
        except TransferError as error:
            troubles.append(str(error))
    raise TransferError(" ".join(troubles))
