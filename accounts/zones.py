"""The names of the time zones, and what a learner may mean by what was typed. No database."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

# In the database's list, but no place on earth.
NO_PLACES = {"Factory", "localtime"}


@cache
def names() -> tuple[str, ...]:
    """Every IANA name, sorted. Read from the disk once: it is looked up at each sign-up."""
    return tuple(sorted(available_timezones() - NO_PLACES))


@cache
def _by_lower_case() -> dict[str, str]:
    return {name.lower(): name for name in names()}


@cache
def _by_city() -> dict[str, str]:
    """City to name, where one name only ends with that city: `new_york` to `America/New_York`."""
    cities: dict[str, list[str]] = {}
    for name in names():
        cities.setdefault(name.lower().rsplit("/", 1)[-1], []).append(name)
    return {city: found[0] for city, found in cities.items() if len(found) == 1}


def find(text: str) -> str | None:
    """The zone's name for `europe/berlin`, `Berlin` or `new york`; None when there is none."""
    key = text.strip().replace(" ", "_").lower()
    return _by_lower_case().get(key) or _by_city().get(key)


def label(name: str) -> str:
    """The name as people write it: `America/New York`."""
    return name.replace("_", " ")
