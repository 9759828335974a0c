"""`manage.py maintenance on|off|status`: make the site read-only, and see how it stands."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from backups import maintenance
from backups.commands import told_in_a_sentence
from backups.maintenance import State

_IN = re.compile(r"\+([0-9]{1,4})([mh])")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
HOW_TO_SAY_WHEN = (
    'say it as "18:30" (UTC), as "+30m" or "+2h" from now, or as an instant with its zone such as '
    '"2026-01-06T18:30:00+01:00"'
)


class Command(BaseCommand):
    """While maintenance is on, every page can be read and nothing can be saved.

    - Every process of the site follows within two seconds; what is under way then is finished.
    - Commands and jobs that run by `manage.py` go on as always.
    - It ends when you say `off`, never by itself: the hour is only what people are told.
    """

    help = "Make the site read-only for a while, with a banner for the learners."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        on = actions.add_parser("on", help="nothing can be saved from now on")
        on.add_argument("--message", help="what learners read beside the banner")
        on.add_argument("--until", metavar="WHEN", help=f"what they are told: {HOW_TO_SAY_WHEN}")
        actions.add_parser("off", help="everything works again")
        status = actions.add_parser("status", help="how it stands and what learners see")
        status.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, action: str, **options: Any) -> None:
        with told_in_a_sentence():
            state = self._do(action, options, timezone.now())
        if options.get("json"):
            self.stdout.write(json.dumps(_facts(state)))
        else:
            self.stdout.write("\n".join(_lines(state)))

    def _do(self, action: str, options: dict[str, Any], now: dt.datetime) -> State:
        """Switch it, or only look; how it stands then."""
        if action == "on":
            until = _when(options["until"], now) if options["until"] is not None else None
            return maintenance.switch_on(message=options["message"], until=until, now=now)
        return maintenance.switch_off() if action == "off" else maintenance.read()


def _when(text: str, now: dt.datetime) -> dt.datetime:
    """The instant that is meant, in UTC; CommandError when it is not clear, or has passed."""
    text = text.strip()
    if match := _IN.fullmatch(text):
        return now + int(match[1]) * dt.timedelta(**{{"m": "minutes", "h": "hours"}[match[2]]: 1})
    if match := _CLOCK.fullmatch(text):
        today = now.astimezone(dt.UTC)
        hour = today.replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)
        # At 23:50, "00:30" is the next day's.
        return hour if hour > now else hour + dt.timedelta(days=1)
    try:
        when = dt.datetime.fromisoformat(text)
        if when.tzinfo is None:
            raise CommandError(f"{text} has no time zone: {HOW_TO_SAY_WHEN}.")
        when = when.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise CommandError(f'"{text}" is not understood: {HOW_TO_SAY_WHEN}.') from None
    if when <= now:
        raise CommandError(f"{text} has passed (it is {_clock(now)} now). Nothing was changed.")
    return when


def _lines(state: State) -> list[str]:
    """How it stands, for people."""
    if not state.on:
        return ["Maintenance is off: learners can do everything."]
    lines = [f"Maintenance is on since {_clock(state.since)}." if state.since else ""]
    if state.until is None:
        seen = "nothing can be saved just now"
    elif state.overdue:
        seen = f"it should be over any moment (you said {_clock(state.until)})"
    else:
        seen = f"nothing can be saved until {_clock(state.until)}"
    lines.append(f"Learners can read every page, and a banner says: {seen}.")
    lines += [f"Your message to them: {state.message}"] if state.message else []
    lines.append(
        'All processes follow within two seconds. "maintenance off" ends it; nothing else.'
    )
    return [line for line in lines if line]


def _facts(state: State) -> dict[str, Any]:
    return {
        "on": state.on,
        "message": state.message,
        "until": state.until.isoformat() if state.until else None,
        "since": state.since.isoformat() if state.since else None,
        "overdue": state.overdue,
    }


def _clock(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).strftime("%-d %B %Y, %H:%M UTC")
