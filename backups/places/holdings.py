"""What the destinations really hold, beside what the runs know of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.db import DatabaseError

from backups.archives.naming import ENCRYPTED, taken_at
from backups.errors import TransferError, database_trouble
from backups.models import BackupRun
from backups.places.destinations import Destination, destinations, names

# Of backups that no run here knows of, as in a database that is new, the newest are asked about.
SIZES_MAX = 50


@dataclass(slots=True)
class Held:
    """A backup that lies at these destinations (`where`, aliases); `bytes` of the whole file.

    `rows` and `sha256` are known only of backups that this site's own runs made.
    """

    name: str
    at: dt.datetime
    where: list[str] = field(default_factory=list)
    bytes: int | None = None
    rows: int | None = None
    sha256: str = ""
    verified_at: dt.datetime | None = None
    why_not: str = ""  # Why its run, or its last drill, failed.

    @property
    def encrypted(self) -> bool:
        return self.name.endswith(ENCRYPTED)


def holdings(using: str = "default") -> tuple[list[Held], dict[str, str]]:
    """Every backup anywhere, newest first; and by alias why a destination could not be looked at.

    Two queries, and a question to each destination. Whoever lost the database sees what lies where
    all the same; why nothing more is known then stands under "database".
    """
    held: dict[str, Held] = {}
    failures: dict[str, str] = {}
    places = destinations()
    for place in places:
        try:
            for name in names(place):
                at = taken_at(name)
                if at:
                    held.setdefault(name, Held(name, at)).where.append(place.alias)
        except TransferError as error:
            failures[place.alias] = str(error)
    try:
        _add_exports(held, using)
        _add_drills(held, using)
    except DatabaseError as error:
        failures["database"] = f"Rows and drills are not known. {database_trouble(error)}"
    found = sorted(held.values(), key=lambda one: (one.at, one.name), reverse=True)
    for one in [one for one in found if one.bytes is None][:SIZES_MAX]:
        one.bytes = _size(one, places)
    return found, failures


def _add_exports(held: dict[str, Held], using: str) -> None:
    for run in reversed(BackupRun.objects.using(using).exports().of(*held)):
        one = held[run.name]
        if run.sha256:
            one.bytes, one.rows, one.sha256 = run.bytes, run.rows, run.sha256
        one.why_not = run.why_not


def _add_drills(held: dict[str, Held], using: str) -> None:
    """The last drill counts; a good one also of backups whose own run is not known here."""
    for run in reversed(BackupRun.objects.using(using).drills().of(*held)):
        if run.ended_at:
            one = held[run.name]
            one.verified_at = run.ended_at if run.good else None
            one.why_not = run.why_not or one.why_not


def _size(held: Held, places: list[Destination]) -> int | None:
    """In bytes, asked for at the first place that holds it; None when it does not say."""
    place = next(place for place in places if place.alias == held.where[0])
    try:
        with place.explained(f"The size of {held.name} is not known"):
            return int(place.storage.size(held.name))
    except TransferError:
        return None
