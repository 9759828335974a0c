"""Words for the account's pages."""

from __future__ import annotations

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()

# The first that is found counts: Edge also says Chrome, and Chrome also says Safari.
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


@register.filter
def browser(agent: str) -> str:
    """`Firefox on Windows` from a User-Agent header; what cannot be told is left out."""
    name = next((name for part, name in BROWSERS if part in agent), "")
    system = next((name for part, name in SYSTEMS if part in agent), "")
    if name and system:
        return _("%(browser)s on %(system)s") % {"browser": name, "system": system}
    return name or system or _("Unknown browser")


@register.filter
def is_address(paragraph: str) -> bool:
    """Whether a paragraph of a mail is one web address and nothing else."""
    return paragraph.startswith(("https://", "http://")) and not any(map(str.isspace, paragraph))


@register.filter
def list_items(paragraph: str) -> list[str]:
    """The items of a paragraph that is a list of lines beginning with a dash; else nothing."""
    lines = paragraph.splitlines()
    return [line[2:] for line in lines] if all(line.startswith("- ") for line in lines) else []


@register.filter
def linked(text: str, style: str = "") -> SafeString:
    """The text, escaped, with each web address in it as a link."""
    parts = re.split(r"(https?://[^\s<>\"]*[^\s<>\".,;:!?)])", text)
    return format_html_join("", "{}", ((_part(part, style),) for part in parts))


def _part(part: str, style: str) -> str:
    if not is_address(part):
        return part
    if style:
        return format_html('<a href="{}" style="{}">{}</a>', part, style, part)
    return format_html('<a href="{}">{}</a>', part, part)
