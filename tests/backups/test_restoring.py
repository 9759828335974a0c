"""A restore gives back every row bit for bit, from either kind of database into the other."""

from __future__ import annotations

import datetime as dt
import tempfile
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backups.display import Display
from backups.migration import migrate
from cards.models import Card, Import, ImportUpdate, UndoneReview
from tests.backups.kept import as_the_orm_reads, some_of_everything
from tests.backups.legacy_files import NOW, copy_of
from tests.backups.leitner_files import empty_file, fill_with_everything, living_in
from tests.backups.restores import bring_back, sums
from tests.factories import make_card, make_deck, make_review, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def there_and_back(archive: Path, expected: dict[str, str]) -> None:
    """From the archive into this database, from here into a file, and from there back again."""
    folder = archive.parent
    bring_back(archive)
    assert sums(folder / "here.zip") == expected
    file = empty_file(folder, f"other-{archive.stem}.sqlite3")
    with living_in(file):
        bring_back(folder / "here.zip", replace=False)
        assert sums(folder / "there.zip") == expected
    bring_back(folder / "there.zip")
    assert sums(folder / "here.zip") == expected


@pytest.mark.parametrize("fill", [some_of_everything, fill_with_everything])
def test_all_kinds_of_rows_and_hard_texts(fill: Any, tmp_path: Path) -> None:
    fill()
    before = as_the_orm_reads()
    there_and_back(tmp_path / "a.zip", sums(tmp_path / "a.zip"))
    assert as_the_orm_reads() == before


@pytest.mark.parametrize("name", ["small", "nasty"])
def test_what_was_migrated_from_the_legacy_app(name: str, tmp_path: Path) -> None:
    source = copy_of(name, tmp_path)
    migrate(source, tmp_path / "rejects.csv", Display(None), zone="UTC", now=NOW)
    before = as_the_orm_reads()
    there_and_back(tmp_path / "a.zip", sums(tmp_path / "a.zip"))
    assert as_the_orm_reads() == before
    assert Card.objects.count() > 10


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
words = texts | st.sampled_from(["", "\\N", "\\.", '"', ",", "\r", "\n\\.\r\n", "a\\", "NULL", " "])
# Not in the very first and last years: a learner's own date would lie outside of all dates.
instants = st.datetimes(timezones=st.just(dt.UTC)).filter(lambda at: 1 < at.year < 9999)
dates = st.none() | st.dates()
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | words | numbers,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)
cards = st.tuples(words, words, dates, instants, st.booleans(), st.binary(max_size=9), values)


@settings(max_examples=50)
@given(made=st.lists(cards, max_size=4))
def test_whatever_fifty_databases_hold(made: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "a.zip"
        with living_in(empty_file(Path(folder))):
            for number, each in enumerate(made):
                fill(number, *each)
            expected = sums(archive)
        there_and_back(archive, expected)


def fill(
    number: int,
    front: str,
    back: str,
    due: dt.date | None,
    at: dt.datetime,
    yes: bool,
    data: bytes,
    value: Any,
) -> None:
    owner = make_user(f"{number}@example.org", last_login=at, intervals=[1, number + 2])
    deck = make_deck(owner, f"{back} {number}"[:40], created_at=at)
    card = make_card(
        owner, deck=deck, front=f"{front}.", back=back, due=due, suspended=yes, created_at=at, box=1
    )
    make_review(card, answered_at=at, on=due or dt.date(2026, 1, 1), passed=yes, due_before=due)
    UndoneReview.objects.create(id=uuid.uuid4(), owner=owner, undone_at=at)
    source = Import.objects.create(owner=owner, file_name=back, data=data)
    ImportUpdate.objects.create(
        owner=owner, source=source, card=card, before={"v": value}, after={}
    )
