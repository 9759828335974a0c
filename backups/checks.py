"""What Django's system checks say of backups before the first one is taken.

Errors stop every command; warnings are for `check --deploy`, which may import what is heavy.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004

from backups.errors import TransferError
from backups.places.destinations import VARIABLES, destinations
from backups.places.encryption import parsed_identities, parsed_recipients


def register_all() -> None:
    """Called once, when the app is ready."""
    register(check_keys, Tags.security)
    register(check_folders, Tags.files)
    register(check_two_places, Tags.files)
    register(check_destinations, Tags.security, deploy=True)


def check_keys(**_: Any) -> list[CheckMessage]:
    """The keys in the settings are keys. Without any, nothing is imported for it."""
    return [
        *_refused(parsed_recipients, settings.BACKUP_AGE_RECIPIENTS, "backups.E001"),
        *_refused(parsed_identities, settings.BACKUP_AGE_IDENTITY_KEY, "backups.E002"),
    ]


def _refused(parsed: Callable[[Any], object], keys: Any, number: str) -> Iterator[CheckMessage]:
    try:
        if keys:
            parsed(keys)
    except TransferError as error:
        yield Error(str(error), id=number)


def check_folders(**_: Any) -> list[CheckMessage]:
    """No backup lies where the web server hands out files."""
    static = Path(settings.STATIC_ROOT).resolve()
    return [
        Error(
            f"Backups would be kept in {folder}, where everybody can download them.",
            hint="Name a folder for them outside STATIC_ROOT, in BACKUP_DIR or BACKUP_SECOND_URL.",
            id="backups.E003",
        )
        for folder in _folders()
        if folder.resolve().is_relative_to(static)
    ]


def check_two_places(**_: Any) -> list[CheckMessage]:
    """A second copy at the first one's place is none, and cannot be kept there."""
    first, second = (settings.STORAGES.get(alias) for alias in VARIABLES)
    if second is None or first != second:
        return []
    return [
        Error(
            "BACKUP_SECOND_URL names the place where backups are kept already.",
            hint="Name another one, or leave it empty.",
            id="backups.E005",
        )
    ]


def check_destinations(**_: Any) -> list[CheckMessage]:
    """Backups can be kept where they should, and nobody can read them on their way."""
    try:
        places = destinations()
    except TransferError as error:
        return [Error(str(error), id="backups.E004")]
    open_to_read = () if settings.BACKUP_AGE_RECIPIENTS else places
    return [
        *(
            Warning(
                f"Backups leave this machine unencrypted, for {place.place}.",
                hint="They hold everybody's cards and password hashes. Make a key of age with "
                "`age-keygen`, keep it elsewhere, and put its public part into "
                "BACKUP_AGE_RECIPIENTS.",
                id="backups.W001",
            )
            for place in open_to_read
            if place.leaves_the_machine
        ),
        *(
            Warning(
                f"Backups cannot be kept in {folder}: Leitner may not write there.",
                hint="Give the user that runs Leitner the right to write, or name another folder.",
                id="backups.W002",
            )
            for folder in _folders()
            if not _writable(folder)
        ),
    ]


def _folders() -> Iterator[Path]:
    """The folders of this machine among the destinations."""
    for alias in VARIABLES:
        entry = settings.STORAGES.get(alias, {})
        if entry.get("BACKEND") == "backups.places.folder.LocalFolder":
            yield Path(entry["OPTIONS"]["location"])


def _writable(folder: Path) -> bool:
    """Whether it can be written, or made: the check itself makes nothing."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)
