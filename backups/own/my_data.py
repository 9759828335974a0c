"""One learner's own data as a file of theirs: the CSV of a backup, and their settings in words."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from django.utils.translation import gettext as _

from accounts.models import User
from backups.archives.archive import Manifest, Writer
from backups.archives.csv_text import csv_line
from backups.archives.snapshot import Snapshot, snapshot_of
from backups.own.owned import Owned, travelling
from backups.tables import Table, Vendor
from leitner import __version__, replica

SETTINGS = "settings.json"
# Secrets: who has the file may not become its learner by it.
LEFT_OUT = ("mfa_authenticator", "account_emailconfirmation")
# What the site's admins decide, and the password; in wire form, as SQL.
EMPTIED = {
    "password": "''",
    "is_superuser": "'f'",
    "is_staff": "'f'",
    "is_active": "'t'",
    "last_login": "NULL",
}


def my_data(user: User, using: str = "default") -> IO[bytes]:
    """An open file with all that is this learner's, of one instant; the caller closes it.

    It has no name any more, so that it is gone then, also when the process dies before.
    """
    with TemporaryDirectory(prefix="leitner-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "my-data.zip"
        replica.instead_of(using, lambda place: write_my_data(path, user, place), seconds=1)
        return path.open("rb")


def write_my_data(path: Path, user: User, using: str = "default") -> Manifest:
    """Write it to `path`, in a folder that is private; what the archive holds."""
    writer = Writer(path)
    try:
        with snapshot_of(using) as snapshot:
            for table, owned in travelling():
                if table.name not in LEFT_OUT:
                    _write_table(writer, snapshot, table, owned, user)
        extras = writer.small_file(SETTINGS, _as_json(settings_of(user)))
        emptied = [f"{user._meta.db_table}.{name}" for name in EMPTIED]
        manifest = Manifest(
            app_version=__version__,
            # Completeness is not asked of a file that leaves things out.
            migrations={},
            database=snapshot.vendor,
            snapshot=snapshot.instant,
            tables=writer.members,
            owner=user.email,
            left_out=[*LEFT_OUT, *emptied],
            extras=extras,
        )
        writer.close(manifest)
    except BaseException:
        writer.abandon()
        raise
    return manifest


def settings_of(user: User) -> dict[str, str | int]:
    """How the app behaves for this learner, in words."""
    return {
        str(_("e-mail address")): user.email,
        str(_("time zone")): user.time_zone,
        str(_("a new day starts at")): f"{user.day_starts_at:02}:00",
        str(_("new cards a day")): user.new_per_day,
        str(_("a missed card goes")): user.get_again_rule_display(),
        str(_("look")): user.get_theme_display(),
        str(_("reminder by mail at")): (
            str(_("never")) if user.remind_at is None else f"{user.remind_at:02}:00"
        ),
        str(_("joined")): user.date_joined.isoformat(timespec="seconds"),
    }


def _as_json(said: dict[str, str | int]) -> bytes:
    return json.dumps(said, ensure_ascii=False, indent=1).encode()


def _write_table(
    writer: Writer, snapshot: Snapshot, table: Table, owned: Owned, user: User
) -> None:
    columns = [column.name for column in table.columns]
    with writer.table(table.name, columns) as (file, rows):
        file.write(csv_line(columns).encode())
        rows.append(snapshot.write_rows(_select(table, owned, user.pk, snapshot.vendor), file))


def _select(table: Table, owned: Owned, user_id: int, vendor: Vendor) -> str:
    emptied = EMPTIED if owned.depth == 0 else {}
    values = ", ".join(emptied.get(column.name) or column.wire(vendor) for column in table.columns)
    # Names of our own models and a number; nothing of it comes from outside.
    return (
        f'SELECT {values} FROM "{table.name}" WHERE {owned.condition(user_id)} '  # noqa: S608
        f'ORDER BY "{table.name}"."{table.key}"'
    )
