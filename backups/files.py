"""New files on this machine's disk: for their owner only, and gone again when anything fails."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from backups.errors import TransferError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """`path`, which must not be there, open for writing. TransferError when the disk complains."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise TransferError(disk_trouble(str(path), error)) from error
    try:
        with os.fdopen(descriptor, "wb") as out:
            yield out
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno is not None:
            raise TransferError(disk_trouble(str(path), error)) from error
        raise


def disk_trouble(place: str, error: OSError) -> str:
    """One sentence on what the disk said of `place`, and one on what to do."""
    if error.errno in _NO_ROOM:
        return f"There is no room for {place}: {error.strerror}. Make room, or name another folder."
    if error.errno in _NOT_ALLOWED:
        return (
            f"{place} cannot be written: {error.strerror}. Give the user that runs Leitner the "
            "right to write there, or name another folder."
        )
    if error.errno == errno.EEXIST:
        return f"{place} is there already. Remove it, or name another file."
    return f"{place} cannot be read or written: {error.strerror or error}."
