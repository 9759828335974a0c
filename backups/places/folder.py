"""A folder on this machine as a destination of backups."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from backups.files import disk_trouble

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

_DAY = 24 * 60 * 60


class LocalFolder(FileSystemStorage):
    """Files for their owner only, each under its name only when all of it is on the disk."""

    leaves_the_machine = False

    def __init__(self, location: str | Path) -> None:
        super().__init__(location=location, base_url=None)

    @property
    def place(self) -> str:
        return f"the folder {self.location}"

    def explain(self, error: Exception, variable: str) -> str:
        """Why it failed and what to do: the second half of a sentence."""
        return disk_trouble(error) if isinstance(error, OSError) else f"{error}."

    def download(self, name: str, out: SupportsWrite[bytes]) -> None:
        with self.open(name) as file:
            shutil.copyfileobj(file, out, 1 << 20)

    def _save(self, name: str, content: File[bytes]) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sweep(path.parent)
        partial = path.with_name(f".{path.name}.partial")
        partial.unlink(missing_ok=True)
        try:
            with open(partial, "xb", opener=_for_the_owner) as out:
                for chunk in content.chunks(1 << 20):
                    out.write(chunk)
                out.flush()
                _settle(out.fileno())
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return name

    def _sweep(self, folder: Path) -> None:
        """Remove what was left by a process that was killed a day ago or earlier."""
        for path in folder.glob(".leitner-*.partial"):
            if path.stat().st_mtime < time.time() - _DAY:
                path.unlink(missing_ok=True)


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _settle(descriptor: int) -> None:
    """To the disk, and out of memory, so that reading it back reads the disk."""
    os.fsync(descriptor)
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
