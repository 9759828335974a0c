"""One learner's data back, as they were, beside everybody else's live data.

What "as they were" means: cards, decks, answers and boxes that are gone come back, also out of the
trash. What was done here since stays: new cards, edited texts, and the place of every card that was
answered here later than in the archive. So nobody can lose anything by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from accounts.models import User, UserManager
from backups.archives.archive import Reader
from backups.display import Display
from backups.errors import TransferError
from backups.rejects import NoRejects
from backups.report import Report
from backups.sinks.bringing_back import BringingBack
from backups.sources.archive import ArchiveSource
from backups.sources.one_learner import USERS, Goal, OneLearner
from backups.transfer import check_migrated, transfer

NO_RIGHTS = "The account was made again with its password and without admin rights."


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
    found = next((row for row in accounts_in(archive) if row.email == wanted), None)
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


def accounts_in(archive: ArchiveSource) -> Iterator[Found]:
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
