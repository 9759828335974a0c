"""A language for tests: every text that is marked for translators, in letters of another width.

What is not marked stays as it is, so that it can be seen on a page.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = "leitner", "accounts", "cards", "backups"
MARKS = {"gettext", "gettext_lazy", "gettext_noop", "_"}
_TRANSLATED = re.compile(r"""\{%\s*translate\s+"([^"]*)"[^%]*%\}""")
_PLACEHOLDER = re.compile(r"(%\([a-z_]+\)[sd])")
_WORD = re.compile(r"[A-Za-z]+(?:[._][A-Za-z]+)*")
_WIDER = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}


@cache
def marked() -> frozenset[str]:
    """Every text that translators would be given, of all our modules and templates."""
    found = set[str]()
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            found |= marked_in(path)
    for path in (ROOT / "templates").rglob("*.html"):
        found |= set(_TRANSLATED.findall(path.read_text("utf-8")))
    return frozenset(found)


def marked_in(path: Path) -> set[str]:
    """The texts that this module hands to gettext or marks."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            text = node.args[0]
            if node.func.id in MARKS and isinstance(text, ast.Constant):
                found.add(str(text.value))
    return found


def translated(text: str) -> str:
    """The text in wide letters, its placeholders as they are, if it is marked."""
    if text not in marked():
        return text
    parts = _PLACEHOLDER.split(text)
    return "".join(p if _PLACEHOLDER.fullmatch(p) else p.translate(_WIDER) for p in parts)


def speak(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are in that language from now on."""
    monkeypatch.setattr("django.utils.translation._trans.gettext", translated)


def english(shown: str) -> set[str]:
    """The words in it that nobody translated."""
    return set(_WORD.findall(shown))
