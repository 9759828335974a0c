"""HTML fields (Anki) into Markdown that reads well. What has no Markdown is kept as text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from html.parser import HTMLParser

_LOOKS = re.compile(
    r"</?(?:a|b|i|u|s|br|p|div|span|em|strong|font|img|ruby|rt|rb|sub|sup|ul|ol|li|hr|pre|code|table"
    r"|h[1-6]|blockquote)(?:\s[^<>]*)?/?>|&(?:[a-z]{2,8}|#\d{1,6}|#x[0-9a-f]{1,6});",
    re.IGNORECASE,
)
_ANSWER_LINE = re.compile(r"<hr\s+id=\"?answer\"?\s*/?>", re.IGNORECASE)
_MATHS = (
    (r"\(", r"\)", "$"),
    (r"\[", r"\]", "$$"),
    ("[$]", "[/$]", "$"),
    ("[$$]", "[/$$]", "$$"),
)
_MEDIA = re.compile(r"\[sound:[^\[\]\n]+\]|<img\s", re.IGNORECASE)

_MARKS = {
    **dict.fromkeys(("b", "strong"), "**"),
    **dict.fromkeys(("i", "em"), "*"),
    **dict.fromkeys(("s", "del", "strike"), "~~"),
    "code": "`",
}
_BLOCKS = {"p", "div", "ul", "ol", "table", "tr", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"}
_HIDDEN = {"script", "style", "rp"}
_HIGH = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_LOW = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")


def looks_like_html(cells: Iterable[str]) -> bool:
    return any(_LOOKS.search(cell) for cell in cells)


def has_media(cell: str) -> bool:
    """Whether the field names a picture or sound; a text file carries neither."""
    return bool(_MEDIA.search(cell))


def without_question(back: str) -> str:
    """Anki's card export repeats the question above the answer: only the answer is the back."""
    parts = _ANSWER_LINE.split(back, maxsplit=1)
    return parts[1].strip() if len(parts) > 1 else back


def to_markdown(html: str) -> str:
    """One field as Markdown. Text without tags, entities and formulas is returned as it is."""
    if "<" not in html and "&" not in html and "\\" not in html and "[$" not in html:
        return html
    writer = _Writer()
    # Python's parser fails on <![ without a name behind it; here it is always text.
    text = _with_dollars(html).replace("<![", "&lt;![")
    # No tag ends behind the last >; the parser would look for one again and again.
    cut = text.rfind(">") + 1
    writer.feed(text[:cut])
    writer.close()
    writer.handle_data(unescape(text[cut:]))
    if writer.hidden:
        return html  # An unclosed script or style would swallow the rest.
    return re.sub(r"\n{3,}", "\n\n", "".join(writer.parts)).strip()


def _with_dollars(html: str) -> str:
    """Anki's signs around formulas are Markdown's; in one walk each, however many are unclosed."""
    for opening, closing, mark in _MATHS:
        parts, start = [], 0
        while (begin := html.find(opening, start)) >= 0:
            inside = begin + len(opening)
            end = html.find(closing, inside)
            if end < 0:
                break
            formula = html[inside:end].strip()
            parts += [html[start:begin], f"{mark}{formula}{mark}" if formula else ""]
            start = end + len(closing)
        html = "".join([*parts, html[start:]])
    return html


class _Writer(HTMLParser):
    """Collects Markdown in `parts`; unclosed and unknown tags cost nothing but themselves."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0
        self.links: list[str] = []
        self.lists: list[str] = []
        self.raised: list[dict[int, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {key: value or "" for key, value in attrs}
        if tag in _HIDDEN:
            self.hidden += 1
        elif tag in _MARKS:
            self.parts.append(_MARKS[tag])
        elif tag == "br":
            self.parts.append("\n")
        elif tag in ("sup", "sub"):
            self.raised.append(_HIGH if tag == "sup" else _LOW)
        elif tag == "a":
            self.links.append(values.get("href", ""))
            self.parts.append("[" if _is_web(self.links[-1]) else "")
        elif tag == "img":
            self.parts.append(f"[image: {values.get('alt') or values.get('src', '')}]")
        else:
            self._start_block(tag)

    def _start_block(self, tag: str) -> None:
        if tag in ("ul", "ol"):
            self.lists.append("- " if tag == "ul" else "1. ")
        if tag == "li":
            self._new_line()
            self.parts.append(self.lists[-1] if self.lists else "- ")
        elif tag == "hr":
            self.parts.append("\n\n---\n\n")
        elif tag == "pre":
            self.parts.append("\n```\n")
        elif tag == "rt":
            self.parts.append("（")
        elif tag in ("td", "th") and self.parts and not self.parts[-1].endswith("\n"):
            self.parts.append(" | ")
        elif tag in _BLOCKS:
            self._new_line()

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self.hidden = max(0, self.hidden - 1)
        elif tag in _MARKS:
            self._close_mark(_MARKS[tag])
        elif tag in ("sup", "sub") and self.raised:
            self.raised.pop()
        elif tag == "a" and self.links:
            href = self.links.pop()
            self.parts.append(f"]({href})" if _is_web(href) else "")
        elif tag == "pre":
            self.parts.append("\n```\n")
        elif tag == "rt":
            self.parts.append("）")
        elif tag in _BLOCKS:
            if tag in ("ul", "ol") and self.lists:
                self.lists.pop()
            self._new_line()

    def _close_mark(self, mark: str) -> None:
        """Markdown wants no space inside its marks, and none around nothing."""
        last = self.parts.pop() if self.parts else ""
        if last == mark:
            return
        text = last.rstrip()
        self.parts += [text, mark, last[len(text) :]]

    def handle_data(self, data: str) -> None:
        if self.hidden:
            return
        data = data.replace("\xa0", " ")
        if self.raised:
            data = _raise(data, self.raised[-1])
        self.parts.append(data)

    def _new_line(self) -> None:
        if self.parts and not self.parts[-1].endswith("\n"):
            self.parts.append("\n")


def _raise(text: str, table: dict[int, int]) -> str:
    """10<sup>3</sup> must not become 103."""
    if all(ord(char) in table for char in text):
        return text.translate(table)
    return f"{'^' if table is _HIGH else '_'}({text})" if text.strip() else text


def _is_web(href: str) -> bool:
    return href.lower().startswith(("http://", "https://"))
