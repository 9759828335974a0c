"""What a learner types into the search box, as terms. Pure: a string in, strings out."""

from __future__ import annotations

import re

QUERY_MAX, TERMS_MAX = 200, 10


def terms(text: str) -> list[str]:
    """Words, and phrases between quotes; a card has to hold all of them. At most ten."""
    found = re.findall(r'["“]([^"“”]*)["”]|(\S+)', text[:QUERY_MAX])
    cleaned = (" ".join((phrase or word.strip('"“”')).split()) for phrase, word in found)
    return list(dict.fromkeys(term for term in cleaned if term))[:TERMS_MAX]
