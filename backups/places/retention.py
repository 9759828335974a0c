"""Which backups may go: pure, so that no destination and no clock can change the answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from backups.archives.naming import taken_at

DAYS, MONTHS = 30, 12
# Whoever backs up right after something was lost must not thereby lose the backup from before.
RECENT = timedelta(hours=48)


def to_remove(
    names: Iterable[str],
    verified: Collection[str],
    now: datetime,
    *,
    days: int = DAYS,
    months: int = MONTHS,
) -> list[str]:
    """The names that need not be kept, oldest first.

    Kept are: all of the last 48 hours; the newest backup of each of the last `days` days that have
    one, and of each of the last `months` months that have one (counted in days and months with a
    backup, so that a site whose backups stopped loses none); the newest of those in `verified`;
    whatever claims to be later than `now` (aware); and every name that is not ours.
    """
    dated = sorted((at, name) for name in set(names) if (at := taken_at(name)) and at <= now)
    by_day = {at.date(): name for at, name in dated}
    by_month = {(at.year, at.month): name for at, name in dated}
    kept = {*_last(by_day.values(), days), *_last(by_month.values(), months)}
    kept |= {name for at, name in dated if now - at <= RECENT}
    kept |= {*_last((name for _, name in dated if name in verified), 1)}
    return [name for _, name in dated if name not in kept]


def _last(names: Iterable[str], count: int) -> list[str]:
    """The last `count` of `names` (none when it is 0)."""
    listed = list(names)
    return listed[max(len(listed) - count, 0) :]
