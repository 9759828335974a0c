"""Somebody else's SQLite file is read as of one moment, untouched, or refused in one sentence."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from backups.errors import TransferError
from backups.sources.sqlite_file import kind_of, open_snapshot
from tests.backups.legacy_files import SCHEMA, altered, copy_of, make, read


def counts(path: Path) -> tuple[int, int]:
    with open_snapshot(path) as snapshot:
        query = "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM cards)"
        return tuple(snapshot.execute(query).fetchone())


def refusal(path: Path) -> str:
    """The sentence with which a file is refused."""
    with pytest.raises(TransferError) as error, open_snapshot(path) as snapshot:
        kind_of(snapshot)
    return str(error.value)


def folder_state(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        path.name: (path.stat().st_size, path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.iterdir()
    }


@pytest.fixture
def open_in_app() -> Iterator[Callable[..., sqlite3.Connection]]:
    """Connections as the app that owns the file has them."""
    connections = []

    def connect(path: Path, *statements: str) -> sqlite3.Connection:
        connections.append(sqlite3.connect(path, isolation_level=None))
        for statement in statements:
            connections[-1].execute(statement)
        return connections[-1]

    yield connect
    for connection in connections:
        connection.close()


@pytest.mark.parametrize(("name", "expected"), [("small", (4, 66)), ("wal", (5, 70))])
def test_a_file_and_its_log_are_read_and_left_as_they_were(
    name: str, expected: tuple[int, int], tmp_path: Path
) -> None:
    path = copy_of(name, tmp_path)
    before = folder_state(tmp_path)
    with open_snapshot(path) as snapshot:
        assert kind_of(snapshot) == "legacy"
    assert counts(path) == expected
    assert folder_state(tmp_path) == before


def test_a_file_that_wants_a_log_but_has_none_gets_none(tmp_path: Path) -> None:
    path = make(tmp_path / "a.sqlite3")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    before = folder_state(tmp_path)
    assert before.keys() == {"a.sqlite3"}
    assert counts(path) == (1, 0)
    assert folder_state(tmp_path) == before


def test_a_journal_that_is_kept_for_later_changes_nothing(tmp_path: Path) -> None:
    path = copy_of("small", tmp_path)
    altered(path, "PRAGMA journal_mode = PERSIST; DELETE FROM users WHERE id = 4;")
    before = folder_state(tmp_path)
    assert before.keys() == {path.name, f"{path.name}-journal"}
    assert counts(path) == (3, 66)
    assert folder_state(tmp_path) == before


def test_an_unfinished_transaction_is_taken_back_in_the_copy_only(
    tmp_path: Path, open_in_app: Callable[..., sqlite3.Connection]
) -> None:
    """The app was killed while it wrote: pages are half written, the journal knows the way back."""
    live, dead = tmp_path / "live.sqlite3", tmp_path / "dead.sqlite3"
    make(live, cards=[{"idea": "x" * 500}] * 300)
    writing = open_in_app(live, "PRAGMA cache_size = 1", "PRAGMA cache_spill = 1", "BEGIN")
    writing.execute("UPDATE cards SET idea = 'half' || idea")
    writing.execute("DELETE FROM users")
    shutil.copy(live, dead)
    shutil.copy(f"{live}-journal", f"{dead}-journal")
    writing.execute("ROLLBACK")
    assert b"halfxxx" in dead.read_bytes()
    before = folder_state(tmp_path)
    assert {card["back"] for card in read(dead).tables["cards_card"]} == {"x" * 500}
    assert folder_state(tmp_path) == before


def test_what_the_app_writes_meanwhile_is_not_seen(
    tmp_path: Path, open_in_app: Callable[..., sqlite3.Connection]
) -> None:
    path = make(tmp_path / "a.sqlite3")
    app = open_in_app(path, "PRAGMA journal_mode = WAL")
    app.execute("INSERT INTO users (email, password_hash) VALUES ('b@x.org', '')")
    with open_snapshot(path) as snapshot:
        app.execute("INSERT INTO users (email, password_hash) VALUES ('c@x.org', '')")
        assert snapshot.execute("SELECT count(*) FROM users").fetchone() == (2,)


def test_a_file_that_never_stays_the_same_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = copy_of("wal", tmp_path)
    copy = shutil.copyfile

    def written_meanwhile(source: Path, target: Path) -> None:
        copy(source, target)
        os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))

    monkeypatch.setattr(shutil, "copyfile", written_meanwhile)
    assert "kept changing while it was copied" in refusal(path)


def test_links_lead_to_the_file_and_its_log(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link ?#%41.db"
    link.symlink_to(copy_of("wal", tmp_path / "real"))
    assert counts(link) == (5, 70)


def test_a_file_in_utf_16_is_read(tmp_path: Path) -> None:
    schema = f"PRAGMA encoding = 'UTF-16le'; {SCHEMA}"
    path = make(tmp_path / "a.sqlite3", cards=[{"title": "Zoë 🔥"}], schema=schema)
    assert read(path).card(1)["front"] == "Zoë 🔥"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("corrupt", "cut short or damaged"),
        ("empty", "is empty"),
        ("notadb", "not an SQLite database, or it is encrypted"),
        ("othertables", "no table users and no table cards"),
        ("missing", "There is no file"),
    ],
)
def test_what_is_no_database_of_ours_is_one_sentence(name: str, said: str, tmp_path: Path) -> None:
    sentence = refusal(copy_of(name, tmp_path))
    assert said in sentence
    assert "\n" not in sentence


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    assert "is not a file" in refusal(tmp_path)


def test_a_path_through_a_file_cannot_be_read(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(copy_of("small", tmp_path) / "db.sqlite3")


@pytest.mark.parametrize("start", [0, 100])
def test_damaged_pages_are_found(start: int, tmp_path: Path) -> None:
    """The sixth page is one of rows; the database still opens."""
    path = copy_of("small", tmp_path)
    data = bytearray(path.read_bytes())
    data[4096 * 5 + start : 4096 * 6] = b"\xa5" * (4096 - start)
    path.write_bytes(data)
    assert "damaged" in refusal(path)


def test_rows_that_break_their_tables_rules_are_no_damage(tmp_path: Path) -> None:
    """They are looked at one by one, as all rows."""
    path = make(tmp_path / "a.sqlite3", cards=[{"idea": "kept"}])
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'idea TEXT', 'idea TEXT CHECK (0)') "
            "WHERE name = 'cards'"
        )
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA quick_check").fetchone() != ("ok",)
    assert read(path).card(1)["back"] == "kept"


WITHOUT_LINK = SCHEMA.replace("link TEXT, ", "")
VIEW = SCHEMA.replace("TABLE cards", "TABLE c") + "CREATE VIEW cards AS SELECT * FROM c;"  # noqa: S608
NO_KEY = SCHEMA.replace("id INTEGER PRIMARY KEY AUTOINCREMENT", "id INTEGER")
WITHOUT_ROWID = SCHEMA.replace(" AUTOINCREMENT", "").replace("CASCADE)", "CASCADE) WITHOUT ROWID")
VIRTUAL = SCHEMA.replace("TABLE cards", "TABLE c").split("CREATE INDEX", maxsplit=1)[0] + (
    "CREATE VIRTUAL TABLE cards USING fts5(user_id, title, link, idea, solved_date, leitner_box, "
    "next_review, last_reviewed, created_at, id);"
)


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (WITHOUT_LINK, "The table cards of this database has no column link"),
        (VIEW.replace("CREATE INDEX", "--"), "cards is a view, not a table"),
        (VIRTUAL, "cards is a virtual table"),
        (NO_KEY, "id is not the INTEGER PRIMARY KEY"),
        (WITHOUT_ROWID, "id is not the INTEGER PRIMARY KEY"),
        ("CREATE TABLE users (id)", "no table cards"),
    ],
)
def test_other_shapes_are_refused_by_name(schema: str, said: str, tmp_path: Path) -> None:
    assert said in refusal(make(tmp_path / "a.sqlite3", users=(), schema=schema))


def test_our_own_database_is_known(tmp_path: Path) -> None:
    tables = "django_migrations", "accounts_user", "cards_card"
    schema = "".join(f"CREATE TABLE {name} (id);" for name in tables)
    with open_snapshot(make(tmp_path / "a.sqlite3", users=(), schema=schema)) as snapshot:
        assert kind_of(snapshot) == "leitner"


def test_the_app_that_lives_there_can_write_meanwhile(tmp_path: Path) -> None:
    path = make(tmp_path / "db.sqlite3", cards=[{"title": "before"}])
    with (
        open_snapshot(path) as snapshot,
        closing(sqlite3.connect(path, timeout=0)) as app,
    ):
        app.execute("UPDATE cards SET title = 'meanwhile'")
        app.commit()
        assert snapshot.execute("SELECT title FROM cards").fetchall() == [("before",)]
