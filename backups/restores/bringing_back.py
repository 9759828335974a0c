"""One learner's data back, as they were, beside everybody else's live data.

What "as they were" means: cards, decks, answers and boxes that are gone come back, also out of the
trash. What was done here since stays: new cards, edited texts, and the place of every card that was
answered here later than in the archive. So nobody can lose anything by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from django.conf import settings

from accounts.models import User, UserManager
from backups.archives.archive import ArchiveError, Reader
from backups.display import Display
from backups.errors import TransferError
from backups.own.own_rows import OwnRows, other_names
from backups.rejects import NoRejects
from backups.report import Report
from backups.sinks.bringing_back import BringingBack, Brought
from backups.sources.archive import ArchiveSource
from backups.sources.one_learner import USERS, Goal, OneLearner
from backups.transfer import check_migrated, transfer

# A file of a learner's own: what it unpacks to, beside the largest upload, and how many files.
UNPACKED_MAX, FILES_MAX = 8 * settings.IMPORT_MAX_BYTES, 100
# Taking an old import back, and its text, do not come with a file from outside.
NOT_FROM_OUTSIDE = frozenset({"cards_import", "cards_importupdate"})
NO_RIGHTS = "The account was made again with its password and without admin rights."
_ENTRY = b"PK\x01\x02"


@dataclass(frozen=True, slots=True)
class Found:
    """The learner's own row in an archive, as far as it tells who it is; texts in wire form."""

    id: str
    email: str
    joined: str


def restore_user(
    reader: Reader,
    email: str,
    display: Display | None = None,
    *,
    using: str = "default",
    dry_run: bool = False,
) -> Report:
    """Bring the data of the learner with this address back from a whole archive.

    The address is the one in the archive; an account that has another one since is known by its id
    and the instant at which it was made. One that is gone is made again with its password hash and
    second factors, and without rights. Every checksum in `reader` was read before. TransferError,
    and nothing changed, when it cannot be done; nobody else's rows are touched in any case.
    """
    check_migrated(using)
    display = display or Display(None)
    archive = ArchiveSource(reader)
    wanted = UserManager.normalize_email(email)
    found = next((row for row in _accounts(archive) if row.email == wanted), None)
    if found is None:
        raise TransferError(f"{reader.path.name} has no account {wanted}. Nothing was changed.")
    user = _account_here(found, using)
    if user is None and reader.manifest.owner is not None:
        raise TransferError(
            f"{reader.path.name} is a learner's own file and has no password. Let them sign up "
            "again with this address and restore it from their settings. Nothing was changed."
        )
    goal = Goal(found.id, user.email if user else found.email, there=user is not None)
    report = Report("archive", NoRejects())
    source, sink = OneLearner(archive, goal), BringingBack(user.pk if user else None, using)
    display.begin(source.totals())
    transfer(source, sink, report, display, using=using, dry_run=dry_run, keep_cache=True)
    if user is None:
        report.notes.append(NO_RIGHTS)
    return report


def restore_own(
    path: Path, user: User, *, using: str = "default", dry_run: bool = False
) -> dict[str, Brought]:
    """Bring the one learner's data in the file at `path`, whoever it is, to the account `user`.

    Nothing in it is believed: every row is looked at, and only cards, decks, boxes, tags and
    answers come over. By table, what came of its rows. TransferError, and nothing changed, when it
    cannot be taken. The caller holds the learner's lock.
    """
    try:
        _check_size(path)
        with Reader(path) as reader:
            unpacked = sum(member.bytes for member in reader.manifest.tables)
            if unpacked > UNPACKED_MAX:
                raise TransferError(f"It unpacks to more than {UNPACKED_MAX // 2**20} MB.")
            reader.check()
            archive = ArchiveSource(reader)
            found = list(islice(_accounts(archive), 2))
            if len(found) != 1:
                raise TransferError("It does not hold the data of one learner alone.")
            goal = Goal(found[0].id, user.email, there=True)
            sink = BringingBack(user.pk, using)
            change = OwnRows(other_names(archive, user.pk, using))
            transfer(
                OneLearner(archive, goal, change, NOT_FROM_OUTSIDE),
                sink,
                Report("archive", NoRejects()),
                Display(None),
                using=using,
                dry_run=dry_run,
                keep_cache=True,
            )
            return sink.brought
    except ArchiveError as error:
        raise TransferError(str(error)) from error


def _accounts(archive: ArchiveSource) -> Iterator[Found]:
    """Every account in the archive whose row tells enough."""
    for stream in archive.streams(Report("archive", NoRejects())):
        if stream.table.name != USERS:
            continue
        names = [column.name for column in stream.columns]
        for row in chain.from_iterable(stream.batches):
            values = dict(zip(names, row, strict=True))
            key, email, joined = (values.get(name) for name in ("id", "email", "date_joined"))
            if key and email and joined:
                yield Found(key, email, joined)


def _account_here(found: Found, using: str) -> User | None:
    users = User.objects.using(using)
    if user := users.filter(email=found.email).first():
        return user
    # The address was changed since: the same number, made at the same instant.
    return users.filter(pk=int(found.id), date_joined=found.joined).first()


def _check_size(path: Path) -> None:
    """A directory of a million files fills the memory before anybody can count it."""
    entries, tail = 0, b""
    with path.open("rb") as file:
        while chunk := file.read(2**20):
            entries += (tail + chunk).count(_ENTRY)
            tail = chunk[-len(_ENTRY) + 1 :]
    if entries > FILES_MAX:
        raise TransferError("It holds more files than a file of Leitner's.")
