"""How a backup is named: `leitner-20251015-131028Z.zip`, with `.age` behind it when encrypted.

Pure. The instant in the name is the one at which all that it holds was so, to the second, UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

_NAME = re.compile(r"leitner-([0-9]{8}-[0-9]{6})Z\.zip(\.age)?")
_INSTANT = "%Y%m%d-%H%M%S"
ENCRYPTED = ".age"
# So far apart the clocks of two machines may be.
CLOCKS = timedelta(minutes=5)


def name_of(instant: datetime, *, encrypted: bool) -> str:
    """The name of a backup that was taken at `instant` (aware, any zone)."""
    text = instant.astimezone(UTC).strftime(_INSTANT)
    return f"leitner-{text}Z.zip{ENCRYPTED if encrypted else ''}"


def taken_at(name: str) -> datetime | None:
    """The instant (UTC) that a name of ours tells; None when it is none of ours."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        return datetime.strptime(match[1], _INSTANT).replace(tzinfo=UTC)
    except ValueError:
        return None


def latest_of(names: Iterable[str], now: datetime) -> str | None:
    """The newest backup of these names of ours at `now` (aware); None when there is none.

    Names from later than now were given while a clock was wrong: they come after all others.
    """
    dated = [(at <= now + CLOCKS, at, name) for name in names if (at := taken_at(name))]
    return max(dated)[2] if dated else None
