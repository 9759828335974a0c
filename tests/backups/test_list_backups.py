"""What lies at the destinations is listed as it is, with all that is known of it; pruning shows."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from backups.archives.naming import name_of
from backups.places.folder import LocalFolder
from backups.places.holdings import SIZES_MAX, holdings
from backups.runs.running import recorded
from leitner.storages import folder
from tests.backups.runs import make_run

pytestmark = pytest.mark.django_db(transaction=True)


def lay(place: Path, name: str) -> str:
    """A file of 7 bytes."""
    place.mkdir(exist_ok=True)
    (place / name).write_text("a file.")
    return name


@pytest.fixture
def second(tmp_path: Path, settings: Any, backup_folder: Path) -> Path:
    settings.STORAGES = {**settings.STORAGES, "backups_second": folder(tmp_path / "second")}
    return tmp_path / "second"


def test_each_is_listed_with_where_it_lies_and_what_is_known(
    backup_folder: Path, second: Path
) -> None:
    both, one = make_run(hours_ago=2), make_run(hours_ago=1, why_not="No room there.")
    make_run(hours_ago=3)  # It lies nowhere any more.
    stranger = name_of(timezone.now() - dt.timedelta(days=9), encrypted=True)
    for place, name in [(backup_folder, both), (second, both), (second, one)]:
        lay(place, name.name)
    lay(backup_folder, stranger)
    lay(backup_folder, "notes.txt")
    drilled = make_run("drill", hours_ago=0, name=both.name)
    found, failures = holdings()
    assert failures == {}
    assert [(held.name, held.where, held.rows, held.bytes) for held in found] == [
        (one.name, ["backups_second"], 1000, 10),
        (both.name, ["backups", "backups_second"], 1000, 10),
        (stranger, ["backups"], None, 7),
    ]
    assert [held.why_not for held in found] == ["No room there.", "", ""]
    assert [held.verified_at for held in found] == [None, drilled.ended_at, None]
    assert [held.encrypted for held in found] == [False, False, True]


def test_the_last_drill_counts(backup_folder: Path) -> None:
    run = make_run(hours_ago=5)
    lay(backup_folder, run.name)
    make_run("drill", hours_ago=4, name=run.name)
    make_run("drill", hours_ago=3, name=run.name, why_not="It was damaged since.")
    (held,) = holdings()[0]
    assert (held.verified_at, held.why_not) == (None, "It was damaged since.")


def test_it_takes_two_queries_however_many_there_are(
    backup_folder: Path, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for count in (3, 6):
        for hours in range(count):
            lay(backup_folder, make_run(hours_ago=hours).name)
        with django_assert_num_queries(2):
            holdings()


def test_of_backups_nobody_knows_only_the_newest_are_asked_for_their_size(
    backup_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new database beside a bucket of a thousand backups: each question is a request."""
    asked: list[str] = []

    def size(self: LocalFolder, name: str) -> int:
        asked.append(name)
        return 7

    monkeypatch.setattr(LocalFolder, "size", size)
    now = timezone.now()
    names = [
        lay(backup_folder, name_of(now - dt.timedelta(days=day), encrypted=False))
        for day in range(1, SIZES_MAX + 11)
    ]
    found, _ = holdings()
    assert asked == names[:SIZES_MAX]
    assert [held.bytes for held in found] == [7] * SIZES_MAX + [None] * 10


def test_a_destination_that_is_away_does_not_hide_the_other(
    backup_folder: Path, second: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = lay(backup_folder, make_run().name)
    second.write_text("a file, where a folder should be")
    with pytest.raises(SystemExit) as ended:
        call_command("list_backups", "--json")
    said = json.loads(capsys.readouterr().out)
    assert ended.value.code == 1
    assert [one["name"] for one in said["backups"]] == [name]
    assert "cannot be listed" in said["failures"]["backups_second"]


def test_people_read_a_table(backup_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("list_backups")
    assert "There is no backup anywhere" in capsys.readouterr().out
    run = make_run(hours_ago=1, rows=1_234_567)
    lay(backup_folder, run.name)
    lay(backup_folder, name_of(timezone.now() - dt.timedelta(days=9), encrypted=True))
    call_command("list_backups")
    head, first, other, _ = capsys.readouterr().out.splitlines()
    assert head.split() == ["name", "rows", "bytes", "verified", "where"]
    assert first.split() == [run.name, "1,234,567", "10", "no", "backups"]
    assert other.split()[1:] == ["?", "7", "no", "backups"]


def test_pruning_shows_what_would_go_and_then_removes_it(
    backup_folder: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.BACKUP_KEEP_DAYS, settings.BACKUP_KEEP_MONTHS = 1, 0
    names = [lay(backup_folder, make_run(hours_ago=24 * day).name) for day in (10, 9, 8, 1)]
    lay(backup_folder, "notes.txt")
    make_run("drill", name=names[1])
    call_command("prune_backups", "--dry-run", "--json")
    gone = {"backups": [names[0], names[2]]}
    assert json.loads(capsys.readouterr().out) == {"removed": gone, "dry_run": True}
    assert len(list(backup_folder.iterdir())) == 5
    call_command("prune_backups")
    assert capsys.readouterr().out.splitlines() == [
        f"backups: {names[0]} removed",
        f"backups: {names[2]} removed",
    ]
    assert {path.name for path in backup_folder.iterdir()} == {names[1], names[3], "notes.txt"}
    call_command("prune_backups")
    assert "Nothing is old enough" in capsys.readouterr().out


def test_nothing_is_pruned_while_a_run_may_be_reading_it(backup_folder: Path) -> None:
    with recorded("restore", started_by="command"), pytest.raises(CommandError, match="running"):
        call_command("prune_backups")


def test_people_read_where_the_places_are(
    backup_folder: Path, second: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lay(backup_folder, make_run().name)
    call_command("list_backups")
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"backups: the folder {backup_folder}"


def test_a_place_that_cannot_be_looked_at_may_hold_backups(
    backup_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup_folder.parent.mkdir(exist_ok=True)
    backup_folder.write_text("no folder")
    with pytest.raises(SystemExit):
        call_command("list_backups")
    said = capsys.readouterr()
    assert "No backup was found." in said.out
    assert "cannot be listed" in said.err


def test_an_export_tells_its_places(
    backup_folder: Path, second: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("export_backup", "--no-progress")
    said = capsys.readouterr().out
    assert f"is kept in the folder {backup_folder} and in the folder {second}: " in said


def test_of_a_backup_that_failed_its_last_drill_an_older_proved_one_stays(
    backup_folder: Path, settings: Any
) -> None:
    settings.BACKUP_KEEP_DAYS, settings.BACKUP_KEEP_MONTHS = 1, 0
    never, proved, doubtful, newest = (make_run(hours_ago=24 * days) for days in (9, 8, 7, 1))
    for run in (never, proved, doubtful, newest):
        lay(backup_folder, run.name)
    for hours_ago, run, why in [(9, proved, ""), (8, doubtful, ""), (7, doubtful, "Flipped.")]:
        make_run("drill", hours_ago=hours_ago, name=run.name, why_not=why)
    call_command("prune_backups")
    kept = {path.name for path in backup_folder.iterdir()}
    assert kept == {proved.name, doubtful.name, newest.name}
