"""The words for what the import found in a line."""

from django import template

from cards.importing.encoding import UNREADABLE
from cards.importing.words import NOTES, REASONS

register = template.Library()


@register.filter
def reason(code: str) -> str:
    return str(REASONS[code])


@register.filter
def note(code: str) -> str:
    return str(NOTES[code])


@register.filter
def readable(text: str) -> str:
    """With the sign for unreadable characters in the place of what no page can hold."""
    return text.replace(UNREADABLE, "�").replace("\x00", "�")
