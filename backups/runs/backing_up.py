"""One backup: all data of one instant, sealed when there are keys, kept at every destination."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from backups.archives.exporting import export
from backups.archives.naming import name_of, taken_at
from backups.display import Display
from backups.errors import TransferError
from backups.models import BackupRun
from backups.places.destinations import Destination, destinations, put_everywhere
from backups.places.encryption import encrypt, parsed_recipients
from backups.places.pruning import prune
from backups.runs.workplace import work_folder

logger = logging.getLogger(__name__)
OK = "ok"


def back_up(run: BackupRun, display: Display) -> dict[str, list[str]]:
    """Make a backup of the database that `run` is in; what became of it is filled into `run`.

    Then old backups are removed; the answer is their names, by destination. Call it inside
    `running.recorded`. TransferError unless every destination has the new one.
    """
    places, recipients = destinations(), settings.BACKUP_AGE_RECIPIENTS
    using = run._state.db or "default"
    # The last one that was made, whatever a clock said then.
    exports = BackupRun.objects.using(using).exports().exclude(name="")
    earlier = exports.order_by("-pk").first()
    run.encrypted = _can_be_sealed(places, recipients)
    if earlier:
        _wait_for_another_second(earlier.name)
        display.begin(earlier.tables)
    with work_folder() as folder:
        path = folder / "archive"
        manifest = export(path, using, display)
        run.rows = manifest.rows
        run.tables = {member.table: member.rows for member in manifest.tables}
        instant = dt.datetime.fromisoformat(manifest.snapshot)
        run.name = name_of(instant, encrypted=run.encrypted)
        run.save()  # Should it die from here on, it is known what it was about.
        if recipients:
            display.phase("Encrypting it")
            path = _sealed(path, recipients)
        display.phase("Keeping it in " + " and in ".join(place.place for place in places))
        kept = put_everywhere(places, path, run.name)
    run.bytes, run.sha256 = kept.stored.size, kept.stored.sha256
    run.destinations = {place.alias: kept.failures.get(place.alias, OK) for place in places}
    if not kept.good:
        raise TransferError(" ".join(kept.failures.values()))
    display.phase("Removing old ones")
    try:
        return prune(timezone.now(), using=using)
    except TransferError as error:
        # The new one is good all the same; some buckets are meant never to forget.
        logger.warning("Old backups were not removed: %s", error)
        return {}


def _can_be_sealed(places: Sequence[Destination], recipients: Sequence[str]) -> bool:
    """Whether there are keys; TransferError when one is none, before any work is done."""
    if recipients:
        parsed_recipients(recipients)
        return True
    for place in places:
        if place.leaves_the_machine:
            logger.warning(
                "THIS BACKUP LEAVES THE MACHINE UNENCRYPTED, for %s. It holds everybody's cards "
                "and password hashes. Set BACKUP_AGE_RECIPIENTS.",
                place.place,
            )
    return False


def _sealed(path: Path, recipients: Sequence[str]) -> Path:
    sealed = path.with_suffix(".age")
    encrypt(path, sealed, recipients)
    path.unlink()
    return sealed


def _wait_for_another_second(name: str) -> None:
    """A name tells the second; two backups have two of them."""
    now = timezone.now()
    if (at := taken_at(name)) and at == now.replace(microsecond=0):
        time.sleep(1 - now.microsecond / 1e6)
