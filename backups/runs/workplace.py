"""Where a run keeps what it works on: a private folder beside the backups, gone at its end."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from backups.errors import TransferError
from backups.files import NO_ROOM, disk_trouble

PREFIX = ".leitner-work-"
# Folders of this process: a run within a run leaves the outer one's alone.
_in_use: set[Path] = set()


@contextmanager
def work_folder() -> Iterator[Path]:
    """An empty folder for the owner only, in BACKUP_DIR: archives may be too large for /tmp.

    Only inside a recorded run: its lock says that what other folders of the kind are there was
    left behind by runs that died. TransferError when there is no room or right to make one.
    """
    home = Path(settings.BACKUP_DIR)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in set(home.glob(f"{PREFIX}*")) - _in_use:
            shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=home))
    except OSError as error:
        raise TransferError(f"{home} cannot be worked in: {disk_trouble(error)}") from error
    _in_use.add(folder)
    try:
        yield folder
    except OSError as error:
        if error.errno in NO_ROOM and error.filename is None:
            error.filename = str(home)  # A file that is being written does not tell its name.
        raise
    finally:
        _in_use.discard(folder)
        shutil.rmtree(folder, ignore_errors=True)
