"""A restore into a scratch database, to see whether it would succeed and the app live on it."""

from __future__ import annotations

from django.db import connections

from backups.restores.scratch import make_tables
from backups.restores.soundness import check_sound
from backups.sinks.filling import Filling
from backups.sources import Source


class Drilling(Filling):
    """The sink for a drill (see `backups.sinks`), whose transaction must be taken back.

    `alias` is the scratch database, `using` the site's, which is only looked at.
    """

    def __init__(self, alias: str, using: str) -> None:
        super().__init__(alias)
        self._alias, self._using = alias, using

    def begin(self) -> None:
        make_tables(self._alias, self._using)
        super().begin()

    def verify(self, source: Source) -> dict[str, int]:
        held = super().verify(source)
        check_sound(connections[self._alias])
        return held
