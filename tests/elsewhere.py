"""The same code, talking to other database servers for a while."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def databases(**changed: Mapping[str, Any]) -> Iterator[None]:
    """In every thread these aliases are the default database but for these settings."""
    default = connections.settings["default"]
    made = {alias: {**default, **settings} for alias, settings in changed.items()}
    with mock.patch.dict(connections.settings, made):
        before = _taken_off(made)
        try:
            yield
        finally:
            _taken_off(made)
            for connection in before:
                connections[connection.alias] = connection


def _taken_off(aliases: Collection[str]) -> list[BaseDatabaseWrapper]:
    """This thread's connections, closed; they are made anew when they are next asked for."""
    found = [each for each in connections.all(initialized_only=True) if each.alias in aliases]
    for connection in found:
        connection.close()
        del connections[connection.alias]
    return found
