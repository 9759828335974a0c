"""Where backups are kept: each of Django's storages `backups` and, when named, `backups_second`.

Whatever goes wrong is a TransferError that names the place, the reason and what to do.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from backups.archives.archive import Counted
from backups.archives.naming import taken_at
from backups.errors import TransferError
from backups.files import new_file, read_file

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

# The alias of each destination, and the variable that says where it is.
VARIABLES = {"backups": "BACKUP_URL", "backups_second": "BACKUP_SECOND_URL"}
CHUNK = 1 << 20


@runtime_checkable
class WorkedOut(Protocol):
    """What our own storages, LocalFolder and Bucket, can do beyond Django's interface."""

    leaves_the_machine: bool

    @property
    def place(self) -> str: ...
    def explain(self, error: Exception, variable: str) -> str: ...
    def download(self, name: str, out: SupportsWrite[bytes]) -> None: ...


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as it was counted on its way: its size in bytes and its SHA-256 in hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one backup: why each destination failed that did, by alias."""

    stored: Stored
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Every destination has it, and gave it back as it was."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class Destination:
    """A storage by the alias under which the settings name it."""

    alias: str
    storage: Storage

    @property
    def place(self) -> str:
        """Where it is, in words."""
        if isinstance(self.storage, WorkedOut):
            return self.storage.place
        return f"the storage `{self.alias}`"

    @property
    def leaves_the_machine(self) -> bool:
        """Whether what is kept there passes through other hands."""
        if isinstance(self.storage, WorkedOut):
            return self.storage.leaves_the_machine
        return not isinstance(self.storage, FileSystemStorage)

    @contextmanager
    def explained(self, what: str) -> Iterator[None]:
        """Whatever fails inside is told as `what`, the reason, and the remedy."""
        try:
            yield
        except TransferError:
            raise
        except Exception as error:
            why = f"{type(error).__name__}: {error}."
            if isinstance(self.storage, WorkedOut):
                why = self.storage.explain(error, VARIABLES[self.alias])
            raise TransferError(f"{what}: {why}") from error


def destinations() -> list[Destination]:
    """All that the settings name, the first one first."""
    found = []
    for alias in VARIABLES:
        if alias not in settings.STORAGES:
            continue
        try:
            found.append(Destination(alias, storages[alias]))
        except Exception as error:
            # Foreign storages complain in their own ways: about options, or a package not there.
            raise TransferError(
                f"{VARIABLES[alias]} names a storage that cannot be used: {error}"
            ) from error
    return found


def names(destination: Destination) -> list[str]:
    """The names of the backups there, oldest first; other files are not ours to see."""
    with destination.explained(f"What is in {destination.place} cannot be listed"):
        try:
            _, files = destination.storage.listdir("")
        except FileNotFoundError:
            return []
        return sorted((name for name in files if taken_at(name)), key=_order)


def put(destination: Destination, path: Path, name: str) -> Stored:
    """Keep a copy of `path` as `name`, read back and compared. What fails leaves nothing behind."""
    _check(name)
    sent = _counted_file(path)
    failed = f"{name} was not kept in {destination.place}"
    with destination.explained(failed):
        if destination.storage.exists(name):
            raise TransferError(f"{failed}: there is one of this name already.")
    try:
        with destination.explained(failed), path.open("rb") as file:
            saved = destination.storage.save(name, File(file, name))
            if saved != name:
                destination.storage.delete(saved)
                raise TransferError(f"{failed}: it would have got another name there, {saved}.")
            if _counted_there(destination, name) != sent:
                raise TransferError(f"{failed}: what was read back is not what was sent.")
    except BaseException as error:
        _take_back(destination, name, error)
        raise
    return sent


def put_everywhere(places: Sequence[Destination], path: Path, name: str) -> Kept:
    """`put` to every destination, whatever happens at the others."""
    kept = Kept(_counted_file(path))
    for destination in places:
        try:
            put(destination, path, name)
        except TransferError as error:
            kept.failures[destination.alias] = str(error)
    return kept


def get(destination: Destination, name: str, path: Path) -> Stored:
    """Bring `name` here, as the new file `path`, which is not there when anything fails."""
    _check(name)
    failed = f"{name} was not fetched from {destination.place}"
    with destination.explained(failed):
        if not destination.storage.exists(name):
            raise TransferError(f"There is no {name} in {destination.place}.")
    with new_file(path) as out, destination.explained(failed):
        counted = Counted(cast(IO[bytes], out))
        _download(destination.storage, name, counted)
    return Stored(counted.size, counted.hash.hexdigest())


def remove(destination: Destination, name: str) -> None:
    """Remove a backup there; no error when there is none. Other files are not ours to remove."""
    _check(name)
    with destination.explained(f"{name} was not removed from {destination.place}"):
        destination.storage.delete(name)


def _check(name: str) -> None:
    if taken_at(name) is None:
        raise TransferError(
            f"{name!r} is not the name of a backup; those look like leitner-20251015-131028Z.zip."
        )


def _order(name: str) -> tuple[Any, str]:
    return taken_at(name), name


def _counted_file(path: Path) -> Stored:
    with read_file(path) as file, Path(os.devnull).open("wb") as nowhere:
        counted = Counted(nowhere)
        shutil.copyfileobj(file, counted, CHUNK)
    return Stored(counted.size, counted.hash.hexdigest())


def _counted_there(destination: Destination, name: str) -> Stored:
    with Path(os.devnull).open("wb") as nowhere:
        counted = Counted(nowhere)
        _download(destination.storage, name, counted)
    return Stored(counted.size, counted.hash.hexdigest())


def _download(storage: Storage, name: str, out: SupportsWrite[bytes]) -> None:
    """In constant memory where the storage is one of ours; a foreign one reads as it likes."""
    if isinstance(storage, WorkedOut):
        storage.download(name, out)
        return
    with storage.open(name) as file:
        for chunk in file.chunks(CHUNK):
            out.write(chunk)


def _take_back(destination: Destination, name: str, error: BaseException) -> None:
    """Remove what a failed `put` may have left; its error says so when that fails too."""
    try:
        destination.storage.delete(name)
    except Exception:
        more = f" It may have left {name} there, which could not be removed; do not trust it."
        if isinstance(error, TransferError):
            error.args = (f"{error}{more}",)
