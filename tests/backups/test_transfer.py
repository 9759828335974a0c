"""How a transfer ends: all of it, nothing of it, or an honest word when that is not known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connections

from accounts.models import User
from cards.models import Card
from tests.backups.legacy_files import USER, make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def with_rejects(tmp_path: Path) -> Callable[[], Path]:
    """A file of which one card is set aside."""

    def with_rejects() -> Path:
        cards: list[dict[str, object]] = [{"title": "mine"}, {"title": "nobody's", "user_id": 99}]
        return make(tmp_path / "db.sqlite3", [USER | {"id": 1}], cards)

    return with_rejects


def test_a_commit_that_nobody_heard_of_is_called_unknown_and_keeps_what_was_set_aside(
    with_rejects: Callable[[], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rejects = tmp_path / "rejects.csv"
    database: Any = connections["default"]
    commit = database._commit

    def committed_unheard() -> None:
        commit()
        if rejects.exists():
            raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(database, "_commit", committed_unheard)
    with pytest.raises(CommandError, match="Everything is in place, or nothing is"):
        call_command("migrate_from_sqlite", with_rejects(), rejects=rejects, no_progress=True)
    monkeypatch.undo()
    assert "nobody's" in rejects.read_text("utf-8")
    assert User.objects.count() == 1


def test_before_the_commit_a_broken_connection_means_that_nothing_was_changed(
    with_rejects: Callable[[], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("backups.sinks.filling.Filling.finish", broken)
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command(
            "migrate_from_sqlite", with_rejects(), rejects=tmp_path / "r.csv", no_progress=True
        )
    assert not (tmp_path / "r.csv").exists()
    assert User.objects.count() == 0


def test_cards_that_say_neither_number_nor_time_are_told_apart(tmp_path: Path) -> None:
    """Two lists made by hand for one learner: the second does not write over the first."""
    for number, title in enumerate(["uno", "dos"]):
        rows = tmp_path / f"{number}.csv"
        rows.write_text(
            "table,id,user_id,title,link,idea,solved_date,leitner_box,next_review,last_reviewed,"
            "created_at,owner_email\n"
            f"cards,,,{title},,,2025-10-15,1,2025-10-16,,,a@x.org\n",
            "utf-8",
        )
        call_command("migrate_from_sqlite", rows, merge=True, no_progress=True)
    call_command("migrate_from_sqlite", tmp_path / "1.csv", merge=True, no_progress=True)
    assert sorted(Card.objects.values_list("front", flat=True)) == ["dos", "uno"]
