"""One run at a time, and each is recorded, whatever becomes of it."""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from backups.archives.archive import ArchiveError
from backups.errors import TransferError
from backups.models import BackupRun
from backups.runs import unended
from backups.runs.running import STOPPED, only_one, recorded
from backups.runs.unended import DIED, seen

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "leitner-20260106-094000Z.zip"


def good_export(name: str = NAME, **fields: object) -> BackupRun:
    now = timezone.now()
    values = {"started_at": now, "ended_at": now, "outcome": "good", "sha256": "0" * 64, "rows": 10}
    return BackupRun.objects.create(kind="export", name=name, **values | fields)


def dead_run(**fields: object) -> BackupRun:
    """As a process leaves it that was killed."""
    values = {"kind": "export", "started_at": timezone.now(), "started_by": "command"}
    return BackupRun.objects.create(**values | fields)


def test_a_run_is_there_while_it_runs_and_good_when_it_has_ended() -> None:
    with recorded("restore", started_by="alice@example.org") as run:
        (found,) = seen(BackupRun.objects.all())
        assert (found.outcome, found.ended_at) == ("running", None)
        run.name, run.rows = NAME, 12
    (found,) = seen(BackupRun.objects.all())
    assert (found.outcome, found.why_not, found.name, found.rows) == ("good", "", NAME, 12)
    assert found.seconds is not None
    assert found.started_by == "alice@example.org"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (TransferError("No room."), "No room."),
        (ArchiveError("Flipped."), "Flipped."),
        (KeyboardInterrupt(), STOPPED),
        (DatabaseError("gone\nDETAIL: all"), "The database stopped it (gone)."),
        (OSError(28, "No space left", "/x"), "/x cannot be written or read: no room is left (No"),
        (ValueError("seven"), "Something unforeseen happened (ValueError: seven)."),
        (TransferError("a\0b\ud800c"), "a?b?c"),
    ],
)
def test_a_run_that_fails_says_why_in_one_sentence(error: BaseException, sentence: str) -> None:
    with pytest.raises(type(error)), recorded("export", started_by="command"):
        raise error
    (run,) = BackupRun.objects.all()
    assert run.outcome == "failed"
    assert run.why_not.startswith(sentence)


def test_a_run_that_is_told_to_stop_is_recorded_as_stopped() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), recorded("export", started_by="schedule"):
        os.kill(os.getpid(), signal.SIGTERM)
    assert BackupRun.objects.get().why_not == STOPPED
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_second_run_is_told_that_one_is_running() -> None:
    with recorded("export", started_by="command") as first:
        said = f"A backup is running since {first.started_at:%Y-%m-%d %H:%M} UTC"
        with pytest.raises(TransferError, match=said), recorded("drill", started_by="command"):
            pytest.fail("two at once")
        with pytest.raises(TransferError, match=said), only_one():
            pytest.fail("two at once")
        first.name, first.sha256 = NAME, "0" * 64
    assert BackupRun.objects.count() == 1
    with recorded("drill", started_by="command"):
        assert BackupRun.objects.count() == 2


def test_the_lock_keeps_threads_of_one_process_apart() -> None:
    said: list[str] = []

    def second() -> None:
        try:
            with recorded("export", started_by="admin@example.org"):
                said.append("two at once")
        except TransferError as error:
            said.append(str(error))
        connection.close()

    with recorded("restore", started_by="command"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert len(said) == 1
    assert said[0].startswith("A restore is running since")


def test_a_run_that_died_is_seen_as_failed_although_nobody_wrote_it() -> None:
    dead_run()
    (run,) = seen(BackupRun.objects.all())
    assert (run.outcome, run.why_not) == ("failed", DIED)
    assert BackupRun.objects.get().outcome == "running"


def test_the_next_run_records_that_the_one_before_died() -> None:
    dead = dead_run(started_at=timezone.now() + dt.timedelta(hours=1))  # A clock was put back.
    with recorded("restore", started_by="command"):
        dead.refresh_from_db()
        assert (dead.outcome, dead.why_not) == ("failed", DIED)
        assert [run.outcome for run in seen(BackupRun.objects.unended())] == ["running"]


def test_a_run_that_ends_just_now_is_not_taken_for_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    run = dead_run()

    def ends_meanwhile(using: str) -> bool:
        fields = {"outcome": "good", "name": NAME, "sha256": "0" * 64, "ended_at": run.started_at}
        BackupRun.objects.filter(pk=run.pk).update(**fields)
        return False

    monkeypatch.setattr(unended, "is_held", ends_meanwhile)
    (found,) = seen(BackupRun.objects.all())
    assert found.good


def test_a_good_drill_makes_its_backup_a_verified_one() -> None:
    export, other = good_export(), good_export("leitner-20260107-094000Z.zip")
    with recorded("drill", started_by="command") as drill:
        drill.name = NAME
    export.refresh_from_db()
    other.refresh_from_db()
    assert export.verified_at == BackupRun.objects.drills().get().ended_at
    assert other.verified_at is None
    assert BackupRun.objects.verified_names() == {NAME}


def test_a_failed_drill_verifies_nothing() -> None:
    export = good_export()
    with pytest.raises(TransferError):
        drill_that_finds_damage()
    export.refresh_from_db()
    assert export.verified_at is None
    assert BackupRun.objects.verified_names() == set()


@pytest.mark.parametrize(
    "fields",
    [
        {"outcome": "failed", "why_not": ""},
        {"outcome": "good", "why_not": "but"},
        {"outcome": "running"},
        {"sha256": ""},
        {"kind": "other"},
        {"kind": "drill", "verified_at": timezone.now()},
        {"ended_at": dt.datetime(2000, 1, 1, tzinfo=dt.UTC)},
    ],
)
def test_the_database_refuses_runs_that_contradict_themselves(fields: dict[str, object]) -> None:
    values = {"kind": "export", "name": NAME, "sha256": "0" * 64, "outcome": "good"}
    now = timezone.now()
    run = BackupRun(**values | {"started_at": now, "ended_at": now} | fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        run.save()


def drill_that_finds_damage() -> None:
    with recorded("drill", started_by="command") as drill:
        drill.name = NAME
        raise TransferError("It is damaged.")
