"""Tags as text: names between single spaces, one space at each end, so that one can be found whole.

Pure: strings in, strings out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable


def split(text: str) -> list[str]:
    """The names in what a learner typed: between spaces or commas, each once, in their order."""
    return unique(re.split(r"[\s,]+", text))


def unique(names: Iterable[str]) -> list[str]:
    """Each name once, whatever its case; the first spelling stays. Empty names are dropped."""
    first: dict[str, str] = {}
    for name in names:
        if name:
            first.setdefault(name.casefold(), name)
    return list(first.values())


def join(names: Iterable[str]) -> str:
    """As it is stored: `["verb", "b1"]` is " verb b1 ", and no names are ""."""
    text = " ".join(unique(names))
    return f" {text} " if text else ""
