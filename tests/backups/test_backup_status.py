"""How backups stand: old, failed, never restored, shrinking; and what monitors hear of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from backups.models import BackupRun
from backups.runs.running import recorded
from backups.runs.status import status
from backups.runs.unended import DIED
from tests.backups.runs import dead_run, make_run

pytestmark = pytest.mark.django_db(transaction=True)


def troubles(**options: Any) -> dict[str, str]:
    found = status(timezone.now(), **options)
    assert found.good is (not found.troubles)
    return {trouble.kind: trouble.sentence for trouble in found.troubles}


def test_a_fresh_good_backup_is_all_it_takes() -> None:
    make_run(hours_ago=25)
    assert troubles() == {}


def test_without_any_backup_something_is_amiss() -> None:
    assert troubles() == {"stale": "There is no good backup yet."}


def test_after_twenty_six_hours_a_backup_is_stale() -> None:
    run = make_run(hours_ago=26.1)
    assert troubles() == {
        "stale": f"The newest good backup, {run.name}, is 26 hours old; it should be 26 at most."
    }
    assert troubles(max_age=27) == {}


def test_a_failed_one_is_told_until_the_next_good_one() -> None:
    make_run(hours_ago=3)
    make_run(hours_ago=2, why_not="No room.")
    (sentence,) = troubles().values()
    assert sentence.startswith("The last backup failed (")
    assert sentence.endswith(" UTC): No room.")
    make_run(hours_ago=1)
    assert troubles() == {}


def test_one_that_died_is_a_failed_one() -> None:
    make_run(hours_ago=3)
    dead_run(hours_ago=2)
    assert troubles()["failed"].endswith(DIED)


def test_one_that_runs_just_now_is_neither() -> None:
    make_run(hours_ago=3)
    with recorded("restore", started_by="command"):
        running = dead_run(hours_ago=0)
        found = status(timezone.now())
        assert found.running == running
        assert found.good
        running.delete()


def test_a_failed_drill_is_told_until_the_next_good_one() -> None:
    run = make_run(hours_ago=5)
    make_run("drill", hours_ago=4, name=run.name, why_not="cards differ.")
    (sentence,) = troubles().values()
    assert sentence.startswith(f"The last drill of {run.name} failed (")
    make_run("drill", hours_ago=3, name=run.name)
    assert troubles() == {}


@pytest.mark.parametrize(("rows", "shrunk"), [(800, False), (799, True), (0, True), (2000, False)])
def test_a_fifth_fewer_rows_than_before_are_too_few(rows: int, shrunk: bool) -> None:
    before, newest = make_run(hours_ago=30), make_run(rows=rows)
    assert list(troubles()) == (["shrunk"] if shrunk else [])
    if shrunk:
        assert newest.name in troubles()["shrunk"]
        assert before.name in troubles()["shrunk"]


def test_an_empty_site_has_not_shrunk() -> None:
    make_run(hours_ago=30, rows=0)
    make_run(rows=0)
    assert troubles() == {}


def test_it_takes_three_queries_however_many_runs_there_are(
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    for hours in range(1, 20):
        make_run(hours_ago=hours)
        make_run("drill", hours_ago=hours)
    with django_assert_num_queries(3):
        status(timezone.now())


def said(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    """The exit code and what is printed."""
    code = 0
    try:
        call_command("backup_status", *options)
    except SystemExit as error:
        code = int(error.code or 0)
    return code, capsys.readouterr().out


def test_monitors_read_json_and_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    run = make_run(hours_ago=2, why_not="No room.")
    code, text = said(capsys, "--json")
    facts = json.loads(text)
    assert (code, facts["good"], facts["newest"], facts["age_hours"]) == (1, False, None, None)
    assert list(facts["troubles"]) == ["stale", "failed"]
    assert facts["last"]["why_not"] == "No room."
    good = make_run(hours_ago=1)
    code, text = said(capsys, "--json")
    facts = json.loads(text)
    assert (code, facts["good"], facts["age_hours"]) == (0, True, 1.0)
    assert facts["newest"]["name"] == good.name != run.name
    assert facts["drill"] is None
    assert said(capsys, "--json", "--max-age", "0.5")[0] == 1


def test_people_read_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    run = make_run(hours_ago=1)
    code, text = said(capsys)
    assert code == 0
    assert text.splitlines() == [
        f"The newest good backup is {run.name}, 1.0 hours old, with 1,000 rows.",
        "No backup was ever verified: run `manage.py verify_backup`.",
    ]
    make_run("drill", hours_ago=0.5, name=run.name)
    assert f"The last drill, of {run.name} on " in said(capsys)[1]
    dead_run(hours_ago=0)
    assert said(capsys)[0] == 1
    assert BackupRun.objects.unended().exists(), "a command that looks wrote"
