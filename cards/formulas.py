"""TeX formulas to MathML. Any text may come in; what cannot be set is None, never an error."""

from __future__ import annotations

import html
import re
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import Converter

FORMULA_MAX = 2_000
# A macro that calls a macro that calls a macro can stand for gigabytes.
DEFINES = re.compile(r"\\(?:(?:re)?new(?:command|environment)|def|let)(?![a-zA-Z])")


def mathml(source: str, *, display: bool) -> str | None:
    """A `<math>` element for TeX like `\\frac{a}{b}`; None when it is too long or not valid.

    `display` sets it on a line of its own. The markup is well-formed and escaped; which elements
    and attributes may stay is for the sanitiser to say.
    """
    if not source.strip() or len(source) > FORMULA_MAX or DEFINES.search(source):
        return None
    try:
        root = Converter(display="block" if display else "inline").convert_to_element(source)
        # The library spells symbols as "&#x0003C;" and unescapes the whole document at its end, so
        # that text in a formula could become markup. Each text for itself cannot.
        for element in root.iter():
            _unescape(element)
        return tostring(root, encoding="unicode")
    except Exception:  # Of a parser of foreign text, anything: RecursionError, IndexError ...
        return None


def _unescape(element: Element) -> None:
    element.text = html.unescape(element.text) if element.text else element.text
    element.tail = html.unescape(element.tail) if element.tail else element.tail
    for name, value in element.attrib.items():
        element.set(name, html.unescape(value))
