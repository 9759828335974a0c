"""A learner's own file comes back into their account, or shows what would come of that.

What comes back and what stays is told in `bringing_back`.
"""

from __future__ import annotations

from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

from accounts.models import User
from backups.archives.archive import ArchiveError, Reader
from backups.display import Display
from backups.errors import TransferError
from backups.own.own_rows import OwnRows, other_names
from backups.rejects import NoRejects
from backups.report import Report
from backups.restores.bringing_back import accounts_in
from backups.restores.scratch import scratch_database
from backups.sentences import Sentence, gettext_noop
from backups.sinks.bringing_back import BringingBack, Brought
from backups.sinks.previewing import Previewing
from backups.sources.archive import ArchiveSource
from backups.sources.one_learner import Goal, OneLearner
from backups.transfer import explained, transfer

# A file of a learner's own: what it unpacks to, beside the largest upload, and how many files.
UNPACKED_MAX, FILES_MAX = 8 * settings.IMPORT_MAX_BYTES, 100
# No text of a learner's has half as many letters; a machine with little memory stands it.
LETTERS_MAX = 1_000_000
# Taking an old import back, and its text, do not come with a file from outside.
NOT_FROM_OUTSIDE = frozenset({"cards_import", "cards_importupdate"})
# How sentences begin: what is said of the file follows upon "This file cannot be restored."
IT = Sentence(gettext_noop("It"))
# An entry of the directory at the end of a zip file begins so.
_ENTRY = b"PK\x01\x02"


def restore_own(path: Path, user: User, *, using: str = "default") -> dict[str, Brought]:
    """Bring the one learner's data in the file at `path`, whoever it is, to the account `user`.

    Nothing in it is believed: every row is looked at, and only cards, decks, boxes, tags and
    answers come over. By table, what came of its rows. TransferError, and nothing changed, when it
    cannot be taken. The caller holds the learner's lock.
    """
    return _bring(path, user, BringingBack(user.pk, using), using)


def preview_own(path: Path, user: User, *, using: str = "default") -> dict[str, Brought]:
    """What `restore_own` would give, or its TransferError; the site's tables are only read."""
    with ExitStack() as stack:
        folder = TemporaryDirectory(prefix="leitner-", ignore_cleanup_errors=True)
        place = Path(stack.enter_context(folder))
        with explained():
            alias = stack.enter_context(scratch_database(place, using))
        return _bring(path, user, Previewing(user.pk, alias, using), using, alias)


def _bring(
    path: Path, user: User, sink: BringingBack, using: str, scratch: str | None = None
) -> dict[str, Brought]:
    try:
        _check_size(path)
        with Reader(path, IT) as reader:
            unpacked = sum(member.bytes for member in reader.manifest.tables)
            if unpacked > UNPACKED_MAX:
                text = gettext_noop("It unpacks to more than %(most)s MB.")
                raise TransferError(text, most=UNPACKED_MAX // 2**20)
            reader.check()
            archive = ArchiveSource(reader, LETTERS_MAX)
            found = list(islice(accounts_in(archive), 2))
            if len(found) != 1:
                text = gettext_noop("It does not hold the data of one learner alone.")
                raise TransferError(text)
            goal = Goal(found[0].id, user.email, there=True)
            change = OwnRows(other_names(archive, user.pk, using))
            transfer(
                OneLearner(archive, goal, change, NOT_FROM_OUTSIDE),
                sink,
                Report("archive", NoRejects()),
                Display(None),
                using=scratch or using,
                dry_run=bool(scratch),
                keep_cache=True,
            )
            return sink.brought
    except ArchiveError as error:
        raise TransferError(gettext_noop("%(why)s"), why=error) from error


def _check_size(path: Path) -> None:
    """A directory of a million files fills the memory before anybody can count it."""
    entries, tail = 0, b""
    with path.open("rb") as file:
        while chunk := file.read(2**20):
            entries += (tail + chunk).count(_ENTRY)
            tail = chunk[-len(_ENTRY) + 1 :]
    if entries > FILES_MAX:
        raise TransferError(gettext_noop("It holds more files than a file of Leitner's."))
