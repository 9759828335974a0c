"""Boxes and dates in words."""

from __future__ import annotations

import datetime as dt

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

register = template.Library()


@register.filter
def every_days(days: int) -> str:
    """An interval in words: "every day", "every 3 days"."""
    if days == 1:
        return gettext("every day")
    return ngettext("every %(days)d day", "every %(days)d days", days) % {"days": days}


@register.filter
def from_today(day: dt.date, today: dt.date) -> str:
    """A date as seen from `today`: "tomorrow", "in 14 days", "3 days ago", or the date far off."""
    days = (day - today).days
    if days in (-1, 0, 1):
        return [gettext("yesterday"), gettext("today"), gettext("tomorrow")][days + 1]
    if abs(days) > 365:
        return date_format(day)
    if days < 0:
        return ngettext("%(n)d day ago", "%(n)d days ago", -days) % {"n": -days}
    return ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}
