"""The same code, talking to other database servers for a while."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db import connections


@contextmanager
def databases(**changed: Mapping[str, Any]) -> Iterator[None]:
    """In every thread these aliases are the default database but for these settings."""
    default = connections.settings["default"]
    made = {alias: {**default, **settings} for alias, settings in changed.items()}
    with mock.patch.dict(connections.settings, made):
        _forget(made)
        try:
            yield
        finally:
            _forget(made)


def _forget(aliases: Mapping[str, Any]) -> None:
    """This thread's connections are closed, and made anew when they are next asked for."""
    for alias in aliases:
        for connection in connections.all(initialized_only=True):
            if connection.alias == alias:
                connection.close()
                del connections[alias]
