"""A card's Markdown to safe HTML, and to one plain line. Any text may come in; nothing is raised.

No element, attribute or address leaves here that is not on the lists below, and nothing in a card
makes the browser load anything from anywhere.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from functools import lru_cache

import nh3
from django.utils.html import escape
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments.token import STANDARD_TYPES

from cards.formulas import mathml
from cards.highlighting import highlighted, knows
from cards.models.card import BACK_MAX

logger = logging.getLogger(__name__)

# What one text may ask for: beyond these, formulas and code are shown as they were written, and so
# is the whole text for table cells, of which a few characters can make thousands.
FORMULAS_MAX, CODE_MAX, CELLS_MAX = 10_000, 6_000, 2_000
# Short texts with short HTML are kept rendered; others are rendered when they are shown.
KEEP_MAX, KEEP_HTML_MAX, KEEP_TEXTS = 4_000, 20_000, 4_096
PLAIN_SOURCE, PLAIN_MAX = 600, 140

HTML_TAGS = {
    "p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a",
    "span", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
MATH_ATTRIBUTES = {
    "math": {"display", "xmlns"},
    "mi": {"mathvariant"},
    "mo": {
        "fence", "form", "lspace", "rspace", "stretchy", "symmetric", "separator", "largeop",
        "movablelimits", "minsize", "maxsize", "mathvariant",
    },
    "mn": {"mathvariant"},
    "mtext": {"mathvariant"},
    "ms": set(),
    "mspace": {"width", "height", "depth", "linebreak"},
    "mrow": set(),
    "mfrac": {"linethickness"},
    "msqrt": set(),
    "mroot": set(),
    "mstyle": {"displaystyle", "scriptlevel"},
    "mpadded": {"width", "height", "depth", "lspace", "voffset"},
    "mphantom": set(),
    "menclose": {"notation"},
    "merror": set(),
    "msub": set(),
    "msup": set(),
    "msubsup": set(),
    "munder": {"accentunder"},
    "mover": {"accent"},
    "munderover": {"accent", "accentunder"},
    "mmultiscripts": set(),
    "mprescripts": set(),
    "mtable": {"columnalign", "columnlines", "columnspacing", "rowlines", "rowspacing"},
    "mtr": {"columnalign"},
    "mtd": {"columnalign"},
}  # fmt: skip
CLEANER = nh3.Cleaner(
    tags=HTML_TAGS | MATH_ATTRIBUTES.keys(),
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}, **MATH_ATTRIBUTES},
    allowed_classes={"span": set(STANDARD_TYPES.values()) - {""}},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
)


def card_html(text: str) -> str:
    """Safe HTML of a card's Markdown; what cannot be rendered comes back as escaped text."""
    if len(text) > BACK_MAX:
        return _as_written(text)
    if len(text) > KEEP_MAX:
        return _html(text)
    try:
        return _kept_html(text)
    except _TooLongToKeep as long:
        return long.html


def card_plain(text: str, length: int = PLAIN_MAX) -> str:
    """The beginning of a card in one line without markup, at most `length` characters."""
    return _plain(text[:PLAIN_SOURCE], length)


def _html(text: str) -> str:
    try:
        env: EnvType = {"formulas": 0, "code": 0}
        tokens = MARKDOWN.parse(text, env)
        if sum(token.type in ("th_open", "td_open") for token in tokens) > CELLS_MAX:
            return _as_written(text)
        return CLEANER.clean(MARKDOWN.renderer.render(tokens, MARKDOWN.options, env))
    except Exception:
        logger.exception("A card's text of %d characters could not be rendered", len(text))
        return _as_written(text)


class _TooLongToKeep(Exception):
    """No error: what is raised is not kept by `lru_cache`."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html


@lru_cache(KEEP_TEXTS)
def _kept_html(text: str) -> str:
    html = _html(text)
    if len(html) > KEEP_HTML_MAX:
        raise _TooLongToKeep(html)
    return html


def _as_written(text: str) -> str:
    return f"<p>{escape(text)}</p>"


@lru_cache(KEEP_TEXTS)
def _plain(text: str, length: int) -> str:
    try:
        words = " ".join(" ".join(_words(MARKDOWN.parse(text))).split())
    except Exception:
        logger.exception("A card's text of %d characters could not be read", len(text))
        words = ""
    words = words or " ".join(text.split())
    return words if len(words) <= length else words[: length - 1].rstrip() + "…"


def _words(tokens: Iterable[Token]) -> Iterable[str]:
    """The text of each block, put together from its inline parts."""
    for token in tokens:
        if token.type == "inline":
            yield "".join(
                " " if part.type.endswith("break") else part.content
                for part in token.children or []
            )
        elif token.content:
            yield token.content


def _spend(env: EnvType, what: str, amount: int, limit: int) -> bool:
    """Whether this text may have `amount` more characters of `what`, and if so notes them."""
    if env[what] + amount > limit:
        return False
    env[what] += amount
    return True


def _formula(tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    source = tokens[idx].content.strip()
    display = tokens[idx].type != "math_inline"
    found = None
    if _spend(env, "formulas", len(source), FORMULAS_MAX):
        found = mathml(source, display=display)
    shown = found or f"<code>{escape(source)}</code>"
    return f"<p>{shown}</p>\n" if tokens[idx].block else shown


def _code(tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    source, name = tokens[idx].content, tokens[idx].info.strip().split(" ")[0].lower()
    inner: str = escape(source)
    if knows(name, source) and _spend(env, "code", len(source), CODE_MAX):
        inner = highlighted(name, source)
    return f"<pre><code>{inner}</code></pre>\n"


def _image(tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    """A link to the picture: showing it would tell a third party who learns what, and when."""
    source = str(tokens[idx].attrGet("src") or "")
    name = tokens[idx].content.strip() or source
    return f'<a href="{escape(source)}">{escape(name)}</a>'


def _heading_open(tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    """The page's outline is not the card's to change."""
    return "<p><strong>"


def _heading_close(tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    return "</strong></p>\n"


def _markdown() -> MarkdownIt:
    options = {"html": False, "linkify": False, "breaks": True, "typographer": False}
    md = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    dollarmath_plugin(
        md, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True
    )
    rules = md.renderer.rules  # type: ignore[attr-defined]
    rules |= dict.fromkeys(("math_inline", "math_inline_double", "math_block"), _formula)
    rules |= {"fence": _code, "image": _image}
    rules |= {"heading_open": _heading_open, "heading_close": _heading_close}
    return md


MARKDOWN = _markdown()
