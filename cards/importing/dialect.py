"""How a text file is laid out: Anki's `#` header lines, and the separator found in the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from cards.importing.rows import Dialect, read_rows

IfMatches = Literal["update", "skip", "add"]

SEPARATOR_NAMES = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "space": " ",
    "pipe": "|",
    "colon": ":",
}
# Best first, where two fit equally well. A space is never guessed.
_CANDIDATES = ("\t", "|", ";", ",", ":")
_FREE_CANDIDATES = (" - ", " – ", " — ", " = ", "::", "=>")
_IF_MATCHES: dict[str, IfMatches] = {
    "update current": "update",
    "keep current": "skip",
    "keep both": "add",
}
_COLUMN_KEYS = {
    "guid column": "guid",
    "deck column": "deck",
    "tags column": "tags",
    "notetype column": "notetype",
}
_KNOWN_KEYS = {
    *("separator", "html", "tags", "columns", "notetype", "deck", "match scope", "if matches"),
    *_COLUMN_KEYS,
}


@dataclass(slots=True)
class Header:
    """What Anki's header lines say; `lines` of them were read. Column numbers count from 0."""

    lines: int = 0
    separator: str = ""
    html: bool | None = None
    deck: str = ""
    tags: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    columns: dict[int, str] = field(default_factory=dict)
    if_matches: IfMatches | None = None

    @property
    def declared(self) -> bool:
        """With header lines, every line that begins with # is a comment, as in Anki."""
        return self.lines > 0


def read_header(lines: Sequence[str]) -> Header:
    """The header at the top of `lines`; an empty one when no line there has a key of Anki's."""
    header, block = Header(), 0
    while block < len(lines) and lines[block].startswith("#"):
        block += 1
    pairs = [line[1:].rstrip("\r\n").partition(":") for line in lines[:block]]
    if block == 0 and lines and lines[0].lower().startswith("tags:"):
        return Header(lines=1, tags=_value(lines[0][5:]).split())
    if not any(key.strip().lower() in _KNOWN_KEYS for key, colon, _value in pairs if colon):
        return header
    header.lines = block
    for key, _colon, value in pairs:
        _apply(header, key.strip().lower(), value)
    return header


def _apply(header: Header, key: str, raw: str) -> None:
    value = _value(raw)
    if key == "separator":
        header.separator = _separator(raw)
    elif key == "html":
        header.html = {"true": True, "false": False}.get(value.lower(), header.html)
    elif key == "deck":
        header.deck = value
    elif key == "tags":
        header.tags = value.split()
    elif key == "columns":
        header.names = raw.split(header.separator or "\t")
    elif key == "if matches":
        header.if_matches = _IF_MATCHES.get(value.lower())
    elif key in _COLUMN_KEYS and value.isascii() and value.isdigit() and 0 < int(value) <= 1000:
        header.columns[int(value) - 1] = _COLUMN_KEYS[key]


def _value(raw: str) -> str:
    """Without the delimiters that a spreadsheet puts behind it."""
    return raw.strip().rstrip(",;\t|").strip()


def _separator(raw: str) -> str:
    """`Comma`, `comma,,` and the literal character or characters."""
    named = SEPARATOR_NAMES.get(_value(raw).lower())
    return named or unescape(raw if raw.isspace() else raw.strip())


def unescape(text: str) -> str:
    r"""Turns a typed `\t`, `\n`, `\r` or `\\` into the character it stands for."""
    found, escaped = [], False
    for char in text:
        if escaped:
            found.append({"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}.get(char, "\\" + char))
        elif char != "\\":
            found.append(char)
        escaped = char == "\\" and not escaped
    return "".join(found) + ("\\" if escaped else "")


def sniff(lines: Sequence[str]) -> Dialect:
    """The dialect in which most of these lines have the same number of columns, two at least."""
    best, best_share = Dialect("\t"), 0.0
    for separator in _CANDIDATES:
        dialect = Dialect(separator)
        share = _share_of_even_rows(lines, dialect)
        if share > best_share:
            best, best_share = dialect, share
    if best_share >= 0.5:
        return best
    for separator in _FREE_CANDIDATES:
        dialect = Dialect(separator, limit=1)
        if (share := _share_of_even_rows(lines, dialect)) > max(best_share, 0.5):
            best, best_share = dialect, share
    return best


def _share_of_even_rows(lines: Sequence[str], dialect: Dialect) -> float:
    """0 to 1: the share of rows that have the commonest number of columns."""
    rows = list(read_rows(lines, dialect))
    widths = Counter(len(row.cells) for row in rows if len(row.cells) > 1)
    return max(widths.values()) / len(rows) if widths else 0.0
