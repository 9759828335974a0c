"""TeX formulas to MathML. Any text may come in; what cannot be set is None, never an error."""

from __future__ import annotations

import html
import re
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import Converter

FORMULA_MAX = 2_000
# The library sets these as letters, without the thin space that TeX puts round a function's name.
FUNCTIONS = {
    "arccos", "arcsin", "arctan", "arg", "cos", "cosh", "cot", "coth", "csc", "deg", "dim", "exp",
    "hom", "ker", "lg", "ln", "log", "sec", "sin", "sinh", "tan", "tanh",
}  # fmt: skip
THIN = "0.1667em"
# It forgets that one upright letter is upright; text is.
UPRIGHT_LETTER = re.compile(r"\\mathrm\{([A-Za-z])\}")
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
        source = UPRIGHT_LETTER.sub(r"\\text{\1}", source)
        root = Converter(display="block" if display else "inline").convert_to_element(source)
        # The library spells symbols as "&#x0003C;" and unescapes the whole document at its end, so
        # that text in a formula could become markup. Each text for itself cannot.
        for element in root.iter():
            _unescape(element)
            _space(element)
        return tostring(root, encoding="unicode")
    except Exception:  # Of a parser of foreign text, anything: RecursionError, IndexError ...
        return None


def _unescape(element: Element) -> None:
    element.text = html.unescape(element.text) if element.text else element.text
    element.tail = html.unescape(element.tail) if element.tail else element.tail
    for name, value in element.attrib.items():
        element.set(name, html.unescape(value))


def _space(element: Element) -> None:
    """`n log n` rather than `nlogn`: a function's name is an operator with thin spaces."""
    if element.tag == "mi" and element.text in FUNCTIONS:
        element.tag = "mo"
        element.attrib = {"lspace": THIN, "rspace": THIN}
