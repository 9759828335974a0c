"""What a link says by itself: whether a text is one, and a title from its path. No request is made.

Pure: strings in, strings out.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote, urlsplit

TITLE_MAX = 200
# Ends of paths that name nothing.
EMPTY_NAMES = {"index", "default", "home", "description"}


def is_web_address(text: str) -> bool:
    """Whether this is one whole http(s) address."""
    return _split(text) is not None


def title_from(link: str) -> str:
    """A title from the last segment of the path that names something; else the host; else "".

    https://leetcode.com/problems/two-sum/ gives "Two Sum".
    """
    parts = _split(link)
    if parts is None:
        return ""
    for segment in reversed(parts.path.split("/")):
        words = re.sub(r"[-_+\s]+", " ", unquote(segment)).strip()
        words = re.sub(r"\.(html?|php|aspx?|pdf|md)$", "", words, flags=re.IGNORECASE)
        if re.search(r"[^\W\d_]", words) and words.lower() not in EMPTY_NAMES:
            return _capitals(words.replace("\0", ""))[:TITLE_MAX]
    return (parts.hostname or "").removeprefix("www.")


def _split(text: str) -> SplitResult | None:
    if not re.fullmatch(r"https?://[^\s\x00-\x1f]+", text, re.IGNORECASE):
        return None
    try:
        parts = urlsplit(text)
        return parts if parts.hostname else None
    except ValueError:
        return None


def _capitals(words: str) -> str:
    """ "two sum" is "Two Sum"; words that have capitals already keep them."""
    return " ".join(word[:1].upper() + word[1:] for word in words.split(" "))
