"""From rows of the legacy app to rows of ours: what is taken as it is, and how the rest is mended.

Pure: standard library only. Every mend is a sentence for the report. A card is never set aside for
what is in it. `clean_card` is quick and knows clean rows only; `mend_card` does any row, and the
same as `clean_card` with a clean one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from backups.legacy.dates import (
    FIRST_YEAR,
    LAST_YEAR,
    Days,
    Value,
    is_instant,
    understood,
    wire_instant,
)
from backups.legacy.text import read_text
from backups.wire import Row

LINK_MAX, PASSWORD_MAX = 2_000, 255
LAST_BOX = 5
UNTITLED = "Untitled"
PREFIX = "werkzeug$"

CARD_COLUMNS = (
    "id", "owner_id", "deck_id", "box", "due", "suspended", "front", "back", "link", "tags",
    "guid", "last_reviewed", "created_at", "solved_on",
)  # fmt: skip

LINK_IS_FRONT = "The title was blank: the link stands on the front."
NOTE_IS_FRONT = "The title and the link were blank: the note's first line stands on the front."
NO_FRONT = f"Title, link and note were blank: the front is {UNTITLED}."
LINK_TRIMMED = "Blanks around the link are gone."
LINK_MOVED = (
    f"The link is no web address, or is longer than {LINK_MAX:,} characters: it stands as text at "
    "the end of the back."
)
BOX_TEXT = "A box written as text became the number."
BOX_HIGH = f"The box was above {LAST_BOX}: it is {LAST_BOX}."
BOX_LOW = "The box was below 1: it is 1."
BOX_NONE = "The box was not a whole number: it is 1."
CONVERTED = "{} was written in another way and was understood."
CLAMPED = f"{{}} was outside of the years {FIRST_YEAR} to {LAST_YEAR}: it is the nearest of them."
DUE_UNKNOWN = "next_review could not be understood: the card is due today."
DATE_UNKNOWN = "{} could not be understood: it is empty."
CREATED_SOLVED = "created_at could not be understood: the day it was solved stands there."
CREATED_NOW = "created_at could not be understood: the time of this migration stands there."
NO_PASSWORD = "The password's hash cannot be used: a new password must be set by mail."  # noqa: S105

_BOXES = {number: str(number) for number in range(1, LAST_BOX + 1)}
# Addresses about which there is no doubt; `Checks.is_link` decides about the rest.
_PLAIN_LINK = re.compile(
    r"https?://[A-Za-z0-9][A-Za-z0-9./?&=_%#:;,+~!$'()*-]{0,1900}\Z", re.ASCII
).match
_WHOLE = re.compile(r"\s*([+-]?[0-9]{1,18})(?:\.0*)?\s*", re.ASCII)

# id, owner, deck, title, link, idea, solved_date, leitner_box, next_review, last_reviewed,
# created_at; owner and deck are ours, or None.
# Any, because what `clean_card` finds out by trying would be in the way of the types.
RawCard = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Checks:
    """What the rules must ask others for, and the moment of the run (UTC, aware)."""

    is_link: Callable[[str], bool]
    is_usable_hash: Callable[[str], bool]
    now: dt.datetime


def clean_card(number: int, raw: RawCard, days: Days) -> Row | None:
    """The card in wire form under the id `number`; None when it is not entirely clean."""
    id_, owner, deck, title, link, idea, solved, box, due, last, created = raw
    try:
        # Whatever is of another type than it should be raises in here.
        if owner is None or not title.strip() or "\0" in title:
            return None
        if idea is None:
            idea = ""
        elif "\0" in idea:
            return None
        if link is None:
            link = ""
        elif link != "" and not _PLAIN_LINK(link):
            return None
        if not is_instant(created):
            return None
        # KeyError when a date is not clean.
        days[created[:10]], days[due], days[solved]
        digits = created.replace("-", "").replace(":", "").replace(" ", "")
        return (
            str(number), owner, deck, _BOXES[box], due, "f", title, idea, link, "",
            f"legacy:{id_}:{digits}", None if last is None else days[last],
            f"{created}+00", solved,
        )  # fmt: skip
    except (KeyError, TypeError, AttributeError):
        return None


def mend_card(
    number: int, raw: Mapping[str, Value], owner: str, deck: str, days: Days, checks: Checks
) -> tuple[Row, list[str]]:
    """The card in wire form and the sentences that say what was mended; `raw` has every column."""
    rules: list[str] = []
    front, back, link = _texts(raw, checks, rules)
    box = _box(raw["leitner_box"], rules)
    due = _day("next_review", raw, days, rules, DUE_UNKNOWN) or f"{checks.now:%Y-%m-%d}"
    solved = _day("solved_date", raw, days, rules, DATE_UNKNOWN)
    last = _day("last_reviewed", raw, days, rules, DATE_UNKNOWN)
    created, digits = _created(raw["created_at"], solved, days, checks, rules)
    row = (
        str(number), owner, deck, box, due, "f", front, back, link, "",
        f"legacy:{raw['id']!s}:{digits or _instead_of_digits(raw)}",
        None if last is None else days[last], created, solved,
    )  # fmt: skip
    return row, list(dict.fromkeys(rules))


def _instead_of_digits(raw: Mapping[str, Value]) -> str:
    """What tells this card from another file's card of the same number, again in every run."""
    said = raw["created_at"]
    parts = [said] if said not in (None, "") else [raw["title"], raw["link"], raw["solved_date"]]
    return "x" + sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()[:12]


def joined(value: Value, days: Days, checks: Checks, rules: list[str]) -> str:
    """The instant at which an account was made."""
    return _created(value, None, days, checks, rules)[0]


def usable_password(value: Value, checks: Checks) -> str | None:
    """The hash as it is stored here, or None when no password can be checked against it."""
    if not isinstance(value, str) or value.startswith(PREFIX):
        return None
    fits = len(PREFIX) + len(value) <= PASSWORD_MAX
    return f"{PREFIX}{value}" if fits and checks.is_usable_hash(value) else None


def _texts(raw: Mapping[str, Value], checks: Checks, rules: list[str]) -> tuple[str, str, str]:
    front, back = read_text(raw["title"], rules), read_text(raw["idea"], rules)
    as_stored = read_text(raw["link"], rules)
    link = as_stored.strip()
    if not front.strip():
        front = _other_front(link, back, rules)
    if link and not _PLAIN_LINK(link) and (len(link) > LINK_MAX or not checks.is_link(link)):
        rules.append(LINK_MOVED)
        return front, f"{back}\n\n{link}" if back else link, ""
    if link != as_stored:
        rules.append(LINK_TRIMMED)
    return front, back, link


def _other_front(link: str, back: str, rules: list[str]) -> str:
    line = next((line.strip() for line in back.splitlines() if line.strip()), "")
    rules.append(LINK_IS_FRONT if link else NOTE_IS_FRONT if line else NO_FRONT)
    return link or line or UNTITLED


def _box(value: Value, rules: list[str]) -> str:
    if isinstance(value, str) and (found := _WHOLE.fullmatch(value)):
        value = int(found[1])
        rules.append(BOX_TEXT)
    if not isinstance(value, int | float) or value % 1:  # Infinity % 1 is NaN, which is true.
        rules.append(BOX_NONE)
        return "1"
    if not 1 <= value <= LAST_BOX:
        rules.append(BOX_HIGH if value > LAST_BOX else BOX_LOW)
    return _BOXES[max(1, min(int(value), LAST_BOX))]


def _day(
    column: str, raw: Mapping[str, Value], days: Days, rules: list[str], unknown: str
) -> str | None:
    value = raw[column]
    if value is None and column == "last_reviewed":
        return None  # Never reviewed.
    try:
        if days[value]:  # type: ignore[index]  # KeyError is the answer for other types.
            return str(value)
    except KeyError:
        pass
    moment = understood(value)
    if moment is None:
        rules.append(unknown.format(column))
        return None
    rules.append((CLAMPED if moment.clamped else CONVERTED).format(column))
    return moment.as_day()


def _created(
    value: Value, solved: str | None, days: Days, checks: Checks, rules: list[str]
) -> tuple[str, str]:
    """The instant, and its digits for the card's lasting name if it was cleanly written."""
    try:
        if isinstance(value, str) and is_instant(value) and days[value[:10]]:
            return f"{value}+00", re.sub("[-: ]", "", value)
    except KeyError:
        pass
    moment = understood(value)
    if moment is not None:
        rules.append((CLAMPED if moment.clamped else CONVERTED).format("created_at"))
        return moment.as_instant(), ""
    rules.append(CREATED_SOLVED if solved else CREATED_NOW)
    return f"{solved} 00:00:00+00" if solved else wire_instant(checks.now), ""
