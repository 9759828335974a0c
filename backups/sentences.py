"""Sentences for people: in plain English by commands, in the language of their reader by pages.

Pure: standard library only. A command says `str(error)`, a page `error.through(gettext)`. What a
page may show is marked by `gettext_noop` and has named placeholders.
"""

from __future__ import annotations

from collections.abc import Callable

Translate = Callable[[str], str]


def gettext_noop(text: str) -> str:
    """Marks a text for translators; like Django's, for modules that know Python only."""
    return text


class Detail:
    """What a library or a database says in words of its own, in brackets after a space.

    It is for those who run the site: pages leave it out.
    """

    def __init__(self, said: object) -> None:
        self._said = said

    def __str__(self) -> str:
        return f" ({self._said})"

    def through(self, translate: Translate) -> str:
        return ""


class Sentence:
    """A sentence or a part of one. `values` may be sentences, errors and details themselves."""

    def __init__(self, text: str, /, **values: object) -> None:
        self.text, self.values = text, values

    def __str__(self) -> str:
        return self.text % self.values if self.values else self.text

    def through(self, translate: Translate) -> str:
        text = translate(self.text)
        if not self.values:
            return text
        return text % {
            name: value.through(translate) if isinstance(value, PARTS) else value
            for name, value in self.values.items()
        }


class Told(Exception):
    """An error that is a sentence."""

    def __init__(self, text: str, /, **values: object) -> None:
        self.sentence = Sentence(text, **values)
        super().__init__(str(self.sentence))

    def through(self, translate: Translate) -> str:
        return self.sentence.through(translate)


PARTS = Sentence, Told, Detail
