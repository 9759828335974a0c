"""What an import would do: each record is new, a card the learner has, a repetition, or refused."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Literal

from cards.importing.records import Record, Refusal

Kind = Literal["new", "duplicate", "repeated", "refused"]


def key(deck: str, text: str) -> bytes:
    """Equal for the same front (or link) in the same deck, however its accents are encoded.

    A digest of 16 bytes, so that 100,000 of them fit into a few megabytes.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return blake2b(f"{deck}\x00{text.strip()}".encode(), digest_size=16).digest()


@dataclass(slots=True)
class Known:
    """The learner's cards: their ids by guid and by `key(deck, front)`, and the links they have."""

    guids: dict[str, int] = field(default_factory=dict)
    fronts: dict[bytes, int] = field(default_factory=dict)
    links: set[bytes] = field(default_factory=set)


@dataclass(slots=True)
class Step:
    """One record and what becomes of it.

    `card_id`: the learner's card that a duplicate stands for.
    `first_line`: where a repetition stood first in the file. `notes`: keys of `words.NOTES`.
    """

    kind: Kind
    line: int
    record: Record | None = None
    card_id: int = 0
    first_line: int = 0
    reason: str = ""
    excerpt: str = ""
    notes: list[str] = field(default_factory=list)


def plan(records: Iterable[Record | Refusal], known: Known) -> Iterator[Step]:
    """The steps, in the order of the file. A guid decides alone; without one, front and deck do."""
    lines: dict[bytes | str, int] = {}
    touched: dict[int, int] = {}
    for record in records:
        if isinstance(record, Refusal):
            yield Step("refused", record.line, reason=record.reason, excerpt=record.excerpt)
            continue
        yield _step(record, known, lines, touched)


def _step(
    record: Record, known: Known, lines: dict[bytes | str, int], touched: dict[int, int]
) -> Step:
    front = key(record.deck, record.front)
    card_id = known.guids.get(record.guid) if record.guid else known.fronts.get(front)
    first = lines.get(record.guid or front, 0)
    if card_id is not None:
        matched = touched.setdefault(card_id, record.line)
        first = first or (matched if matched != record.line else 0)
    if first:
        return Step("repeated", record.line, record, card_id or 0, first_line=first)
    step = Step("duplicate" if card_id else "new", record.line, record, card_id or 0)
    step.notes = record.notes
    if not card_id:
        _note_likeness(step, record, known, front, lines)
    lines.setdefault(front, record.line)
    if record.guid:
        lines[record.guid] = record.line
    return step


def _note_likeness(
    step: Step, record: Record, known: Known, front: bytes, lines: dict[bytes | str, int]
) -> None:
    """A new card that resembles another is still new; it is pointed out."""
    if record.guid and (front in known.fronts or front in lines):
        step.notes.append("same_front")
    if record.link:
        link = key(record.deck, record.link)
        if link in known.links:
            step.notes.append("same_link")
        known.links.add(link)


@dataclass(slots=True)
class Survey:
    """The numbers of a plan, with the first lines of what needs a look."""

    counts: Counter[str] = field(default_factory=Counter)
    refused: list[Step] = field(default_factory=list)
    repeated: list[Step] = field(default_factory=list)
    noted: list[Step] = field(default_factory=list)
    first: list[Step] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.counts[kind] for kind in ("new", "duplicate", "repeated", "refused"))


def survey(steps: Iterable[Step], *, show: int = 500, first: int = 10) -> Survey:
    """Walk a plan: counts of all steps by kind (`noted` beside them), and `show` lines of each."""
    found = Survey()
    for step in steps:
        found.counts[step.kind] += 1
        if step.notes:
            found.counts["noted"] += 1
            if len(found.noted) < show:
                found.noted.append(step)
        if step.kind == "refused" and len(found.refused) < show:
            found.refused.append(step)
        elif step.kind == "repeated" and len(found.repeated) < show:
            found.repeated.append(step)
        if step.kind != "refused" and len(found.first) < first:
            found.first.append(step)
    return found
