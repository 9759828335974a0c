"""Code in colours, for the languages that people learn."""

from __future__ import annotations

from functools import cache

from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_all_lexers, get_lexer_by_name

# Pygments reads by regular expressions, and many of its grammars take minutes for a text that is
# made to hurt them. These stay below half a second for a block of this length.
BLOCK_MAX = 2_000
LANGUAGES = set(
    """
    ada bash c clojure cobol common-lisp console cpp csharp css dart delphi diff docker
    elixir erlang fortran fsharp go graphql groovy haskell html ini java javascript json
    jsx julia kotlin lua make matlab mysql nasm nginx nimrod objective-c ocaml octave perl
    php postgresql powershell prolog pycon python ruby rust scala scheme scss solidity
    splus sql sqlite3 swift tex toml tsx typescript vb.net verilog vhdl xml yaml zig
    """.split()  # noqa: SIM905
)
# Every name that a language goes by ("py", "python3" ...), and the language.
NAMES = {
    alias: aliases[0]
    for _, aliases, *_ in get_all_lexers(plugins=False)
    if aliases and aliases[0] in LANGUAGES
    for alias in aliases
}
FORMATTER = HtmlFormatter(nowrap=True)


def knows(name: str, source: str) -> bool:
    """Whether `highlighted` can colour this text in the language of this (short) name."""
    return name in NAMES and len(source) <= BLOCK_MAX


def highlighted(name: str, source: str) -> str:
    """Escaped HTML of the code, with spans that have the classes of Pygments."""
    return str(highlight(source, _lexer(NAMES[name]), FORMATTER))


@cache
def _lexer(language: str) -> Lexer:
    return get_lexer_by_name(language, stripnl=False)
