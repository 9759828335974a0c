"""A card's text in templates."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString, mark_safe

from cards import rendering

register = template.Library()


@register.filter
def card_html(text: str) -> SafeString:
    """Markdown as HTML; to be put into an element with dir="auto"."""
    return mark_safe(rendering.card_html(text))  # Sanitised there.


@register.filter
def card_plain(text: str, length: int = rendering.PLAIN_MAX) -> str:
    """The beginning in one line, for lists and titles."""
    return rendering.card_plain(text, length)
