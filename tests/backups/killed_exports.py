"""Run by test_killed_exports.py: kills an export with SIGKILL at one moment after the other.

`python -m tests.backups.killed_exports` forks a child for each moment, and one for the export after
it. It prints one line of JSON: how many moments there are, and for each what was there afterwards.
"""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any
from unittest import mock

from tests.backups.killed import asked, run

MOMENTS = 12


def main() -> None:
    import django

    django.setup()
    moments = asked(lambda: exported(kill_at=0))
    killed = []
    for number in range(MOMENTS):
        moment = 1 + number * (moments - 1) // (MOMENTS - 1)
        code = run(lambda moment=moment: exported(kill_at=moment))  # type: ignore[misc]
        after = asked(state)
        again = run(lambda: exported(kill_at=0))
        killed.append({"moment": moment, "code": code, "after": after, "again": again})
    print(json.dumps({"moments": moments, "killed": killed, "last": asked(state)}))


def exported(*, kill_at: int) -> int:
    """Export; die at the given moment (0: never). How many moments there were."""
    from django.core.management import call_command

    from backups import files
    from backups.archives import archive, snapshot
    from backups.runs import backing_up

    moments = 0

    def deadly(real: Any) -> Any:
        """Every call is a moment."""

        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal moments
            moments += 1
            if moments == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return call

    called = [
        (snapshot, "select"),
        (archive.Counted, "write"),
        (archive.Reader, "chunks"),
        (files.NotingFile, "read"),
        (files.NotingFile, "write"),
        (backing_up, "put_everywhere"),
        (backing_up, "prune"),
        (Path, "replace"),
        (Path, "rename"),
        (os, "fsync"),
    ]
    for place, name in called:
        mock.patch.object(place, name, deadly(getattr(place, name))).start()
    call_command("export_backup", "--no-progress")
    return moments


def state() -> dict[str, Any]:
    """What lies in the folder, which of it looks like a backup and is not whole, how runs stand."""
    from django.conf import settings

    from backups.archives.archive import ArchiveError, Reader
    from backups.archives.naming import taken_at
    from backups.models import BackupRun
    from backups.runs.unended import seen

    broken = []
    names = sorted(path.name for path in Path(settings.BACKUP_DIR).iterdir())
    for path in Path(settings.BACKUP_DIR).rglob("*"):
        if taken_at(path.name):
            try:
                with Reader(path) as reader:
                    reader.check()
            except ArchiveError as error:
                broken.append(str(error))
    runs = [(run.outcome, run.why_not) for run in seen(BackupRun.objects.all())]
    return {"names": names, "broken": broken, "runs": runs}


if __name__ == "__main__":
    main()
