"""A learner's own file: uploaded, looked at, and then brought back or forgotten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction

from accounts.models import User
from backups.models import Upload, UploadPart
from backups.restores.own_file import preview_own, restore_own
from backups.sinks.bringing_back import Brought

PART = 2**20
KEPT = dt.timedelta(days=1)
# Files are named in sentences to people by this name.
NAME = "the file"


def receive(user: User, pieces: Iterable[bytes], now: dt.datetime) -> Upload:
    """Look at a file, and keep it until its learner decides; in place of one before.

    TransferError, and nothing is kept, when it cannot be taken. The caller holds the lock.
    """
    with TemporaryDirectory(prefix="leitner-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / NAME
        with path.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        preview = _as_json(preview_own(path, user))
        with transaction.atomic(), path.open("rb") as file:
            forget(user, now)
            upload = Upload.objects.create(owner=user, created_at=now, preview=preview)
            for number, part in enumerate(iter(lambda: file.read(PART), b"")):
                UploadPart.objects.create(upload=upload, number=number, data=part)
    return upload


def apply(upload: Upload, now: dt.datetime) -> dict[str, dict[str, int]]:
    """Bring back what was uploaded, and forget the file; by table, what came of its rows.

    TransferError, and nothing changed, when it cannot be done. The caller holds the lock.
    """
    with _file_of(upload) as path:
        brought = _as_json(restore_own(path, upload.owner))
    forget(upload.owner, now)
    return brought


def forget(user: User, now: dt.datetime) -> None:
    """Remove this learner's file, and whoever's lies there for a day."""
    old = Upload.objects.filter(created_at__lt=now - KEPT) | Upload.objects.filter(owner=user)
    UploadPart.objects.filter(upload__in=old.values("pk")).delete()
    old.delete()


@contextmanager
def _file_of(upload: Upload) -> Iterator[Path]:
    with TemporaryDirectory(prefix="leitner-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / NAME
        with path.open("wb") as file:
            # One at a time in memory, also where a pooler allows no cursor to read them with.
            for number in upload.parts.order_by("number").values_list("number", flat=True):
                file.write(bytes(upload.parts.get(number=number).data))
        yield path


def _as_json(brought: dict[str, Brought]) -> dict[str, dict[str, int]]:
    return {name: asdict(numbers) for name, numbers in brought.items()}
