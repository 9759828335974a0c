"""Which column is what: found from the names of the columns, changed on the preview page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# Our own export's columns, in its order.
OWN_COLUMNS = (
    "front",
    "back",
    "link",
    "tags",
    "deck",
    "guid",
    "box",
    "due",
    "suspended",
    "created",
    "last_reviewed",
)
ROLES = ("", *OWN_COLUMNS)
# These may be made of several columns.
JOINED = ("front", "back", "tags")
MAX_COLUMNS = 40
# So many nameless columns are taken for parts of the back; a table of more has other things in it.
_MAX_EXTRA = 4

_NAMES = {
    "front": "front question term word expression prompt kanji phrase sentence title",
    "back": "back answer definition meaning translation reading description explanation note notes"
    " idea text",
    "link": "link url href web website",
    "tags": "tags tag labels label topics",
    "deck": "deck decks deckname",
    "guid": "guid uid",
    "box": "box leitnerbox",
    "due": "due duedate nextreview",
    "suspended": "suspended",
    "created": "created createdat",
    "last_reviewed": "lastreviewed lastreview",
}
_ROLE_OF = {name: role for role, names in _NAMES.items() for name in names.split()}
# One of these alone in the first row shows that it holds names.
_TELLING = {"tags", "guid", "deckname", "suspended", "lastreviewed", "createdat", "duedate"}


def _fold(name: str) -> str:
    return "".join(char for char in name.lower() if char not in " _-#*\ufeff")


def is_names(cells: Sequence[str]) -> bool:
    """Whether a first row holds the names of columns rather than a card."""
    folded = [_fold(cell) for cell in cells if cell.strip()]
    known = [name for name in folded if name in _ROLE_OF]
    if len(set(known)) < len(known) or len(set(folded)) < len(folded):
        return False
    return len(known) >= 2 or bool(_TELLING.intersection(known)) or known == folded == ["front"]


def is_own(cells: Sequence[str]) -> bool:
    """Whether these are the columns that our own export writes."""
    return tuple(cells) == OWN_COLUMNS


def guess(
    width: int, names: Sequence[str] = (), declared: Mapping[int, str] | None = None
) -> list[str]:
    """The role of each of `width` columns, '' for one that is left out.

    `declared` roles come from header lines and win. Columns without a known name become the front,
    the back and, when there are few, further parts of the back.
    """
    roles = [""] * width
    free = []
    for index in range(width):
        name = _fold(names[index]) if index < len(names) else ""
        role = (declared or {}).get(index, _ROLE_OF.get(name, ""))
        if role == "notetype":
            continue
        if not role or (role in roles and role not in ("back", "tags")):
            free.append(index)
        else:
            roles[index] = role
    for needed in ("front", "back"):
        if free and needed not in roles:
            roles[free.pop(0)] = needed
    for index in free if len(free) <= _MAX_EXTRA else ():
        roles[index] = "back"
    return roles


def role_problems(roles: Sequence[str]) -> list[str]:
    """What stands in the way of an import: `front` (no column is the front), `twice`."""
    problems = [] if "front" in roles else ["front"]
    if any(roles.count(role) > 1 for role in set(roles) - {"", *JOINED}):
        problems.append("twice")
    return problems
