"""A row of cells into a card to be, or the reason why it cannot be one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, TypeVar

from cards import tags as tag_names
from cards.importing.encoding import UNREADABLE
from cards.importing.markup import has_media, to_markdown, without_question
from cards.importing.rows import Row
from cards.links import is_web_address

_Day = TypeVar("_Day", bound=dt.date)
_YES, _NO = {"1", "true", "yes", "y", "t", "x"}, {"", "0", "false", "no", "n", "f"}


@dataclass(frozen=True, slots=True)
class Limits:
    """The greatest lengths, in characters."""

    front: int = 20_000
    back: int = 100_000
    link: int = 2_000
    tags: int = 2_000
    tag: int = 100
    deck: int = 200
    guid: int = 64


DEFAULT_LIMITS = Limits()


class Refusal(NamedTuple):
    """A row that becomes no card; `reason` is a key of `cards.importing.words.REASONS`."""

    line: int
    reason: str
    excerpt: str = ""


@dataclass(slots=True)
class Record:
    """A card to be. `tags` is as stored: names between single spaces, or nothing.

    `notes` are keys of `words.NOTES`: what was changed or left out of the row.
    """

    line: int
    front: str
    back: str = ""
    link: str = ""
    tags: str = ""
    deck: str = ""
    guid: str = ""
    box: int = 1
    due: dt.date | None = None
    suspended: bool = False
    created: dt.datetime | None = None
    last_reviewed: dt.datetime | None = None
    notes: list[str] = field(default_factory=list)


def record_maker(
    roles: Sequence[str],
    *,
    html: bool = False,
    deck: str = "",
    tags: Sequence[str] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> Callable[[Row], Record | Refusal]:
    """A function that turns rows into records; `deck` and `tags` are for all rows."""
    where = {role: [i for i, have in enumerate(roles) if have == role] for role in set(roles)}
    used = [i for i, role in enumerate(roles) if role]
    fronts, backs = where.get("front", []), where.get("back", [])
    simple = used == [0, 1] == fronts + backs

    def make(row: Row) -> Record | Refusal:
        cells = row.cells
        if row.problem:
            return Refusal(row.line, row.problem, "".join(cells))
        text = "".join(cells)
        if "\x00" in text or UNREADABLE in text:
            return Refusal(row.line, "nul" if "\x00" in text else "unreadable", text[:80])
        if len(cells) < len(roles):
            cells = cells + [""] * (len(roles) - len(cells))
        record = Record(row.line, _joined(cells, fronts), _joined(cells, backs), deck=deck)
        if len(cells) > len(roles) and any(map(str.strip, cells[len(roles) :])):
            record.notes.append("extra")
        if html:
            _convert(record)
        reason = "" if simple else _fill(record, cells, where, limits)
        if tags or record.tags:
            record.tags = stored_tags(" ".join((*tags, record.tags)))
        reason = reason or _too_long(record, limits)
        return (
            Refusal(row.line, reason, record.front[:80] or record.back[:80]) if reason else record
        )

    return make


def _joined(cells: list[str], columns: Sequence[int]) -> str:
    if len(columns) == 1:
        return cells[columns[0]]
    return "\n\n".join(cells[i] for i in columns if cells[i].strip())


def _convert(record: Record) -> None:
    if has_media(record.front) or has_media(record.back):
        record.notes.append("media")
    record.front = to_markdown(record.front)
    record.back = to_markdown(without_question(record.back))


def _fill(record: Record, cells: list[str], where: dict[str, list[int]], limits: Limits) -> str:
    """Set what the other columns say; the reason to refuse the row, or ''."""
    value = {role: cells[columns[0]] for role, columns in where.items()}
    if link := value.get("link", "").strip():
        if len(link) <= limits.link and is_web_address(link):
            record.link = link
        else:
            record.notes.append("link")
    record.tags = " ".join(cells[i] for i in where.get("tags", ()))
    record.deck = _deck_name(value.get("deck", "")) or record.deck
    record.guid = value.get("guid", "").strip()
    try:
        _fill_progress(record, value)
    except _Unclear as unclear:
        return str(unclear)
    return ""


class _Unclear(Exception):
    """A cell that cannot be understood; its text is the reason."""


def _fill_progress(record: Record, value: dict[str, str]) -> None:
    if box := value.get("box", "").strip():
        if not (box.isascii() and box.isdigit() and 1 <= int(box[:9]) <= 1000):
            raise _Unclear("box")
        record.box = int(box[:9])
    record.due = _date(value.get("due", "").strip())
    suspended = value.get("suspended", "").strip().lower()
    if suspended not in _YES | _NO:
        raise _Unclear("suspended")
    record.suspended = suspended in _YES
    record.created = _instant(value.get("created", "").strip())
    record.last_reviewed = _instant(value.get("last_reviewed", "").strip())


def _date(text: str) -> dt.date | None:
    try:
        return _in_reach(dt.date.fromisoformat(text)) if text else None
    except ValueError:
        raise _Unclear("due") from None


def _instant(text: str) -> dt.datetime | None:
    """An instant in UTC; a time without a zone is taken for UTC."""
    try:
        found = dt.datetime.fromisoformat(text) if text else None
        if found is None:
            return None
        return _in_reach(found).replace(tzinfo=found.tzinfo or dt.UTC).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise _Unclear("instant") from None


def _in_reach(day: _Day) -> _Day:
    """No card has such years, and at the ends of the calendar local time does not exist."""
    if not 1900 <= day.year <= 2200:
        raise ValueError
    return day


def _deck_name(cell: str) -> str:
    name = cell.strip()
    return name if name.isprintable() else " ".join(name.split())


@lru_cache(maxsize=4096)
def stored_tags(text: str) -> str:
    """As cards carry them; a file has the same few over and over."""
    return tag_names.join(tag_names.split(text))


def _too_long(record: Record, limits: Limits) -> str:
    """The reason why the record cannot be a card, or ''."""
    if not record.front.strip():
        return "front_empty"
    for name in ("front", "back", "tags", "deck", "guid"):
        if len(getattr(record, name)) > getattr(limits, name):
            return f"{name}_long"
    if len(record.tags) > limits.tag and any(len(t) > limits.tag for t in record.tags.split()):
        return "tag_long"
    return ""
