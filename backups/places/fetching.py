"""A backup that somebody asked for, brought here and opened: by its name, the latest, or a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from backups.archives.archive import ArchiveError, Reader
from backups.archives.naming import ENCRYPTED, latest_of, taken_at
from backups.errors import TransferError
from backups.files import disk_trouble
from backups.models import BackupRun
from backups.places.destinations import Destination, Stored, destinations, get, names
from backups.places.encryption import decrypt

LATEST = "latest"
NAME_MAX = 100  # as the column


@dataclass(frozen=True, slots=True)
class Fetched:
    """An archive on this machine, decrypted; `name` is what the backup is called elsewhere.

    `stored` tells of the file as it is kept; `troubles` are destinations that could not give it.
    """

    name: str
    path: Path
    stored: Stored | None
    encrypted: bool
    troubles: tuple[str, ...] = ()


def fetch(asked: str, folder: Path, using: str = "default") -> Fetched:
    """Bring what was asked for into the private `folder`; a file of this machine stays where it is.

    Destinations are asked one after the other. TransferError when none gives it as it was stored,
    or it cannot be decrypted.
    """
    path = Path(asked)
    if is_file_here(asked):
        name = shown(path)
        return Fetched(name, _opened(path, folder), None, _sealed(name))
    troubles: list[str] = []
    for destination, name in _where(asked, troubles):
        target = folder / name
        try:
            stored = get(destination, name, target)
            _compare(stored, name, destination, using)
            plain = _opened(target, folder)
        except TransferError as error:
            target.unlink(missing_ok=True)
            troubles.append(str(error))
            continue
        return Fetched(name, plain, stored, _sealed(name), tuple(troubles))
    raise TransferError(f"{' '.join(dict.fromkeys(troubles))} Nothing was changed.")


def is_file_here(asked: str) -> bool:
    """Whether a file of this machine is meant, not a backup of a destination."""
    return asked != LATEST and (os.sep in asked or not taken_at(asked) or Path(asked).is_file())


def shown(path: Path) -> str:
    """The whole path, so that nobody takes it for the backup of that name; as it can be stored."""
    return str(path.absolute()).encode(errors="replace").decode()[-NAME_MAX:]


@contextmanager
def checked(path: Path, *, whole: bool = True) -> Iterator[Reader]:
    """The archive, open, every checksum in it read and found right; else TransferError.

    `whole`: it must be a whole site's, not one learner's.
    """
    try:
        with Reader(path) as reader:
            if whole and reader.manifest.owner:
                raise TransferError(
                    f"{path.name} holds the data of {reader.manifest.owner} only, not of a whole "
                    "site. Nothing was changed."
                )
            reader.check()
            yield reader
    except ArchiveError as error:
        raise TransferError(f"{error} Nothing was changed.") from error


def _where(asked: str, troubles: list[str]) -> Iterator[tuple[Destination, str]]:
    """Each destination that has the backup, and its name; of the latest, those of all together."""
    found: dict[str, list[Destination]] = {}
    for destination in destinations():
        try:
            for name in names(destination):
                found.setdefault(name, []).append(destination)
        except TransferError as error:
            troubles.append(str(error))
    name = (latest_of(found, timezone.now()) or "") if asked == LATEST else asked
    if name not in found and not troubles:
        missing = "no backup" if asked == LATEST else f"no backup {asked}"
        places = " and ".join(destination.place for destination in destinations())
        troubles.append(f"There is {missing} in {places}.")
    yield from ((destination, name) for destination in found.get(name, ()))


def _compare(stored: Stored, name: str, destination: Destination, using: str) -> None:
    """What came must be what was sent there, as far as this database remembers."""
    run = BackupRun.objects.using(using).exports().good().of(name).first()
    if run and run.sha256 != stored.sha256:
        raise TransferError(
            f"{name} in {destination.place} is not the file that was kept there: it was changed or "
            "damaged since."
        )


def _sealed(name: str) -> bool:
    return name.endswith(ENCRYPTED)


def _opened(path: Path, folder: Path) -> Path:
    """The file itself, or what is in it when it is encrypted."""
    try:
        if not path.is_file():
            raise TransferError(f"There is no backup and no file {path}. Nothing was changed.")
    except OSError as error:
        raise TransferError(f"{path} cannot be read: {disk_trouble(error)}") from error
    if not _sealed(path.name):
        return path
    plain = folder / path.name.removesuffix(ENCRYPTED)
    decrypt(path, plain, settings.BACKUP_AGE_IDENTITY_KEY)
    return plain
