"""Where data must not lie."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from leitner.env import is_command

# While a release is built no data are touched, and disks are not attached yet.
HARMLESS = ["collectstatic"], ["check"]


def refuse_throw_away_disk(on_render: bool, path: Path) -> None:
    """An SQLite file on the disk that Render throws away at each deploy is refused.

    A disk that was attached is a mount point above the file.
    """
    harmless = is_command() and sys.argv[1:2] in HARMLESS
    if not on_render or harmless or any(os.path.ismount(each) for each in path.parents[:-1]):
        return
    raise ImproperlyConfigured(
        f"The database would be {path}, on the disk that Render throws away at each deploy with "
        "all cards on it: set DATABASE_URL to a PostgreSQL database, or attach a disk to this "
        "service and set DATA_DIR to where it is mounted."
    )
