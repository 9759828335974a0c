"""Files on this machine's disk, whose complaints become one sentence each: TransferError."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from backups.errors import TransferError

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}


class NotingFile:
    """A file that remembers what went wrong with it, for what is between passes on the words only.

    It knows `read`, `write` and `flush`, as for streams.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.error: OSError | None = None

    def read(self, size: int = -1) -> bytes:
        with self._noted():
            return self.file.read(size)

    def write(self, data: bytes) -> int:
        with self._noted():
            return self.file.write(data)

    def flush(self) -> None:
        with self._noted():
            self.file.flush()

    @contextmanager
    def _noted(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.error = error
            raise


@contextmanager
def read_file(path: Path) -> Iterator[NotingFile]:
    """`path` open for reading."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise TransferError(f"{path} cannot be read: {disk_trouble(error)}") from error
    with file:
        noting = NotingFile(file)
        try:
            yield noting
        except Exception:
            if noting.error is None:
                raise
            words = f"{path} cannot be read: {disk_trouble(noting.error)}"
            raise TransferError(words) from noting.error


@contextmanager
def new_file(path: Path) -> Iterator[NotingFile]:
    """`path`, which must not be there, open for writing, for its owner only.

    It is gone again when the block fails or is interrupted.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise TransferError(f"{path} cannot be written: {disk_trouble(error)}") from error
    noting = None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield (noting := NotingFile(file))
            if noting.error:  # Whoever wrote took no notice of it.
                raise noting.error
    except BaseException as error:
        path.unlink(missing_ok=True)
        trouble = noting.error if noting else None
        if trouble is None and isinstance(error, OSError) and error.errno is not None:
            trouble = error
        if trouble is None:
            raise
        raise TransferError(f"{path} cannot be written: {disk_trouble(trouble)}") from error


def disk_trouble(error: OSError) -> str:
    """What the disk said and what to do about it: the second half of a sentence, and a full stop.

    `error` is about a path that the sentence has named.
    """
    said = error.strerror or str(error)
    if error.errno in NO_ROOM:
        return f"no room is left ({said}). Make room, or name another folder."
    if error.errno in _NOT_ALLOWED:
        return f"{said}. Give the user that runs Leitner the right to do so."
    return f"{said}."
