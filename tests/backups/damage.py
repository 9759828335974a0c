"""Kinds of damage that somebody could plant into an archive, its manifest made to agree or not."""

from __future__ import annotations

from collections.abc import Callable

from tests.backups.restores import Opened

Change = Callable[[Opened], object]


def cells(table: str, column: str, to: bytes, row: int = 1) -> Change:
    """Change one value; no value of the table may hold a comma."""

    def change(opened: Opened) -> None:
        place = opened.member(table)["columns"].index(column)

        def lines(given: list[bytes]) -> list[bytes]:
            values = given[row].split(b",")
            values[place] = to
            return [*given[:row], b",".join(values), *given[row + 1 :]]

        opened.lines(table, lines)

    return change


def lines(table: str, change: Callable[[list[bytes]], list[bytes]]) -> Change:
    return lambda opened: opened.lines(table, change)


def swapped(opened: Opened) -> None:
    """Two columns change their names, in the file and in the manifest."""
    member = opened.member("cards_card")
    names = {"box": "due", "due": "box"}
    member["columns"] = [names.get(name, name) for name in member["columns"]]
    header = ",".join(member["columns"]).encode()
    opened.lines("cards_card", lambda given: [header, *given[1:]])


def too_many_told(opened: Opened) -> None:
    opened.agree()
    opened.member("cards_card")["rows"] += 1


def lying_header(opened: Opened) -> None:
    opened.texts["cards_card"] = opened.texts["cards_card"].replace(b"front,back", b"back,front", 1)


def hash_cut_off(opened: Opened) -> None:
    """The end of an Argon2 hash, which stands in quotes because of the commas in it."""
    start, end = opened.texts["accounts_user"].split(b'"', 2)[0::2]
    encoded = opened.texts["accounts_user"].split(b'"', 2)[1]
    assert encoded.startswith(b"argon2$")
    opened.texts["accounts_user"] = b'%s"%s"%s' % (start, encoded[:-3], end)


def no_zone(opened: Opened) -> None:
    opened.texts["accounts_user"] = opened.texts["accounts_user"].replace(b",UTC,", b",Mars,")


DAMAGE: dict[str, tuple[Change, str]] = {
    "a missing card that a review is of": (
        lines("cards_card", lambda given: [given[0], *given[2:]]),
        "cards_review",
    ),
    "a row twice": (lines("cards_review", lambda given: [*given, given[-1]]), "cards_review"),
    "an orphan": (cells("cards_card", "owner_id", b"999999"), "cards_card|account"),
    "a due date that is none": (cells("cards_card", "due", b"2026-02-30"), "2026-02-30"),
    "a due date in another form": (cells("cards_card", "due", b"2026-1-3"), "cards_card"),
    "a text for a number": (cells("cards_card", "box", b"one"), "one"),
    "a box that is none": (cells("cards_card", "box", b"0"), "box"),
    "a box that the learner does not have": (cells("cards_card", "box", b"9"), "does not have"),
    "a box missing between others": (cells("cards_box", "number", b"9"), "miss a box"),
    "a deck of somebody else": (cells("cards_card", "deck_id", b"DECK", row=5), "somebody else"),
    "a hash cut off": (
        cells("accounts_user", "password", b"werkzeug$scrypt:32768:8:1$salt$abab", row=2),
        "password of account",
    ),
    "a hash of ours cut off": (hash_cut_off, "password of account"),
    "a hash of no kind": (
        cells("accounts_user", "password", b"secret", row=2),
        "password of account",
    ),
    "a time zone that is none": (no_zone, "time zone of account"),
    "a table missing": (lambda opened: opened.without_table("cards_review"), "cards_review lacks"),
    "a column missing": (
        lambda opened: opened.without("cards_card", "added_by_id"),
        "cards_card lacks added_by_id",
    ),
    "swapped columns": (swapped, "cards_card"),
    "one column too few in a row": (
        lines("cards_card", lambda given: [*given[:-1], given[-1].rpartition(b",")[0]]),
        "cards_card",
    ),
    "a header that lies": (lying_header, "name its columns"),
}
