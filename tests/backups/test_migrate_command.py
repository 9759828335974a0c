"""`manage.py migrate_from_sqlite`: what it says, how it ends, and what the site then holds."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import signal
import stat
from collections import Counter
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import User
from cards.models import Box, Card, Deck

SCHEDULE = [1, 3, 7, 14, 30]

pytestmark = pytest.mark.django_db(transaction=True)


def ran(source: Path, *options: str, code: int = 0, **more: Any) -> dict[str, Any]:
    """Run the command; its last line as JSON."""
    out = StringIO()
    try:
        call_command(
            "migrate_from_sqlite", source, *options, json=True, no_progress=True, stdout=out, **more
        )
        ended = 0
    except SystemExit as end:
        ended = int(end.code or 0)
    assert ended == code
    said: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return said


def counted() -> list[int]:
    return [model.objects.count() for model in (User, Box, Deck, Card)]


def test_the_apps_own_file_comes_over_whole(given: Callable[[str], Path]) -> None:
    said = ran(given("small"))
    assert said["source"] == "legacy"
    assert said["verified"] is True
    assert said["rejects_file"] is None
    assert said["tables"]["cards"]["read"] == said["tables"]["cards"]["written"] == 66
    assert said["tables"]["users"]["read"] == said["tables"]["users"]["written"] == 4
    per_owner = Counter(Card.objects.values_list("owner__email", flat=True))
    assert per_owner == {
        "alice.ng@example.com": 31,
        "bob+leet@example.org": 20,
        "carol.o-neil@example.com": 15,
    }
    for user in User.objects.all():
        intervals = Box.objects.filter(owner=user).order_by("number")
        assert list(intervals.values_list("interval_days", flat=True)) == SCHEDULE


def test_every_learner_has_the_same_cards_due_as_before(given: Callable[[str], Path]) -> None:
    ran(given("small"))
    due = {
        "alice.ng@example.com": {
            "2026-01-05": 0,
            "2026-01-06": 2,
            "2026-01-07": 3,
            "2026-02-10": 31,
        },
        "bob+leet@example.org": {
            "2026-01-05": 1,
            "2026-01-06": 1,
            "2026-01-07": 7,
            "2026-02-10": 20,
        },
        "carol.o-neil@example.com": {"2026-01-05": 8, "2026-01-06": 8, "2026-01-13": 14},
    }
    for email, days in due.items():
        user = User.objects.get(email=email)
        for day, cards in days.items():
            # Just after midnight UTC: the legacy app's day had begun.
            now = dt.datetime.fromisoformat(f"{day}T00:00:01+00:00")
            assert Card.objects.of(user).due(user.today(now)).count() == cards, (email, day)


def test_every_text_is_kept_letter_by_letter(given: Callable[[str], Path]) -> None:
    ran(given("small"))
    card = Card.objects.get(guid__startswith="legacy:4:")
    assert len(card.back) == 19_999
    digest = hashlib.sha256(card.back.encode()).hexdigest()
    assert digest == "13d22c23561fa73b693af0a6d6cebdb2d1e90f25fd8e7a612c9aee9333bc275f"
    assert card.created_at == dt.datetime(2025, 10, 15, 13, 12, 42, tzinfo=dt.UTC)
    assert card.solved_on == dt.date(2025, 10, 15)
    assert (card.box, card.due) == (5, dt.date(2026, 1, 10))
    assert Card.objects.filter(back__contains="\r\n").count() == 7


def test_what_only_the_wal_holds_comes_along(given: Callable[[str], Path]) -> None:
    source = given("wal")
    before = {path.name: path.read_bytes() for path in source.parent.iterdir()}
    said = ran(source)
    assert said["tables"]["users"]["written"] == 5
    assert said["tables"]["cards"]["written"] == 70
    assert Card.objects.get(guid__startswith="legacy:1:").box == 1
    assert not Card.objects.filter(guid__startswith="legacy:13:").exists()
    assert {path.name: path.read_bytes() for path in source.parent.iterdir()} == before


def test_of_a_hostile_file_each_row_is_written_or_set_aside(
    given: Callable[[str], Path], rejects: Path
) -> None:
    said = ran(given("nasty"), rejects=rejects, code=2)
    for label, read in [("users", 31), ("cards", 70)]:
        counts = said["tables"][label]
        assert counts["read"] == read
        assert counts["written"] + counts["rejected"] == read
        assert counts["rejected"] > 0
    assert said["rejects_file"] == str(rejects)
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600
    assert not User.objects.filter(is_staff=True).exists()
    assert "difficulty" in " ".join(said["notes"])
    assert "review log; --" in " ".join(said["notes"])
    assert Card.objects.count() == said["tables"]["cards"]["written"]


def test_a_dry_run_says_everything_and_changes_nothing(given: Callable[[str], Path]) -> None:
    said = ran(given("small"), "--dry-run")
    assert said["dry_run"] is True
    assert said["verified"] is True
    assert said["tables"]["cards"]["written"] == 66
    assert counted() == [0, 0, 0, 0]


def test_running_it_twice_gives_what_running_it_once_gives(
    given: Callable[[str], Path], rejects: Path
) -> None:
    source = given("nasty")
    ran(source, rejects=rejects, code=2)
    once = list(Card.objects.order_by("id").values())
    passwords = dict(User.objects.values_list("email", "password"))
    rejects.unlink()
    ran(source, "--merge", rejects=rejects, code=2)
    assert list(Card.objects.order_by("id").values()) == once
    assert dict(User.objects.values_list("email", "password")) == passwords


def test_what_was_set_aside_can_be_mended_and_fed_in_again(
    given: Callable[[str], Path], rejects: Path, tmp_path: Path
) -> None:
    ran(given("nasty"), rejects=rejects, code=2)
    lines = rejects.read_text("utf-8")
    assert "not-an-address" in lines
    mended = tmp_path / "mended.csv"
    mended.write_text(lines.replace("not-an-address", "mended@example.org"), "utf-8")
    ran(mended, "--merge", rejects=tmp_path / "again.csv", code=2)
    assert User.objects.filter(email="mended@example.org").exists()


def _interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def _fail() -> None:
    raise ConnectionError("the cache is away")


@pytest.mark.parametrize(("late", "notes"), [(_interrupt, 0), (_fail, 1)])
def test_what_happens_after_the_commit_takes_nothing_back(
    given: Callable[[str], Path],
    rejects: Path,
    late: Callable[[], None],
    notes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("backups.transfer.cache.clear", late)
        said = ran(given("nasty"), rejects=rejects, code=2)
    assert said["verified"]
    assert User.objects.exists()
    assert rejects.exists()
    assert sum("the cache is away" in note for note in said["notes"]) == notes


def test_a_folder_without_permission_is_no_obstacle(given: Callable[[str], Path]) -> None:
    source = given("small")
    source.parent.chmod(0o555)
    try:
        assert ran(source)["verified"]
        assert list(source.parent.iterdir()) == [source]
    finally:
        source.parent.chmod(0o755)


def test_the_table_is_for_people(given: Callable[[str], Path]) -> None:
    out = StringIO()
    call_command("migrate_from_sqlite", given("small"), stdout=out, no_progress=True)
    lines = out.getvalue().splitlines()
    assert lines[0].split() == ["read", "written", "mended", "rejected", "seconds"]
    assert lines[1].split()[:3] == ["users", "4", "4"]
    assert lines[2].split()[:3] == ["cards", "66", "66"]
    assert lines[-1] == "Everything was compared and is in place."


def test_learners_get_the_zone_that_the_operator_names(given: Callable[[str], Path]) -> None:
    ran(given("small"), "--time-zone=toronto")
    assert set(User.objects.values_list("time_zone", flat=True)) == {"America/Toronto"}
