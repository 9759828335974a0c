"""The statistics page: how the learning goes, as pictures with a table behind each."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cards import charts
from cards.access import learner
from cards.history import WEEKS, History, history
from cards.progress import DAY, week_of
from leitner.replica import from_replica

# From here on the dates below a chart name month and year instead of day and month.
LONG_DAYS = 300
# From so many minutes on, the time spent is told in hours.
HOURS_FROM = 120


@never_cache
@require_safe
@from_replica
def statistics(request: HttpRequest) -> HttpResponse:
    """Reviews a day, streak, retention, forecast, and cards per box over time."""
    owner = learner(request)
    found = history(owner, owner.today(timezone.now()))
    minutes = round(found.ms / 60_000)
    context = {
        "history": found,
        "forecast": _forecast(found),
        "minutes": minutes,
        "hours": round(minutes / 60) if minutes >= HOURS_FROM else 0,
    }
    if found.reviews:
        context |= _calendar(found) | _retention(found) | _boxes(found)
    return render(request, "cards/statistics.html", context)


def _forecast(found: History) -> dict[str, Any]:
    (today, due_today), *later = found.forecast.days
    return {
        "chart": charts.bars([(today, found.forecast.overdue + due_today), *later]),
        "overdue": found.forecast.overdue,
        "days": found.forecast.days,
        "total": found.forecast.total,
    }


def _calendar(found: History) -> dict[str, Any]:
    chart = charts.calendar(found.by_day, found.today, WEEKS)
    cells = chart.cells
    return {
        "calendar": chart,
        "calendar_weeks": [cells[at : at + 7] for at in range(0, len(cells), 7)][::-1],
        "active_days": sum(cell.count > 0 for cell in cells),
        "shown_reviews": sum(cell.count for cell in cells),
    }


def _retention(found: History) -> dict[str, Any]:
    """Retention per box, and for each week since the first with reviews of due cards."""
    monday, weeks = min(found.by_week, default=None), []
    while monday is not None and monday <= week_of(found.today):
        weeks.append((monday, found.by_week.get(monday)))
        monday += 7 * DAY
    line = charts.line([(day, share.percent if share else None) for day, share in weeks])
    return {
        "box_shares": list(enumerate(found.by_box, start=1)),
        "any_share": any(share.total for share in found.by_box),
        "weeks": weeks[::-1],
        "week_line": line,
        "week_dates": _dates([day for day, _ in weeks]),
    }


def _boxes(found: History) -> dict[str, Any]:
    boxes = len(found.by_box)
    numbers = range(1, boxes + 1)
    return {
        "areas": charts.areas(found.days, found.counts),
        "area_rows": list(zip(found.days, found.counts, strict=True))[::-1],
        "legend": [(number, charts.tone(number, boxes)) for number in numbers],
        "area_dates": _dates(found.days),
    }


def _dates(days: list[dt.date]) -> str:
    """How the dates below a chart are written."""
    return "M Y" if days and (days[-1] - days[0]).days > LONG_DAYS else "j M"
