"""One run: whose hour has come is reminded, once.

No transaction is open while the mail server answers. Memory is that of one batch; queries are three
or four a batch and one for each mail.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import User
from accounts.reminders import times
from accounts.reminders.claims import bring_back, claim, due_at, pass_over, waiting, wish_of
from accounts.reminders.mails import Decks, reminder
from accounts.reminders.post import Outcome, Post

logger = logging.getLogger(__name__)

Clock = Callable[[], dt.datetime]
# Called with each learner's date by their id; the decks in which cards are due, for who has some.
DueDecks = Callable[[Mapping[int, dt.date]], Mapping[int, Decks]]
# A server that lets go so often in a row after it was handed a mail would lose one after another.
UNSURE_MAX = 3


@dataclass(slots=True)
class Tally:
    """How many learners; `stopped` says why the run ended before its time, if it did.

    `waits`: nothing may be written just now, so that nobody was reminded.
    """

    sent: int = 0
    nothing_due: int = 0
    unconfirmed: int = 0
    too_late: int = 0
    later: int = 0
    refused: int = 0
    turned_off: int = 0
    unsure: int = 0
    stopped: str = ""
    waits: bool = False


def send_reminders(clock: Clock, *, dry_run: bool = False) -> Tally:
    """Remind everybody whose hour has come; a dry run counts them and writes nothing."""
    tally = Tally(waits=import_string(settings.REMINDERS_WAIT)())
    if tally.waits and not dry_run:
        return tally
    if not dry_run:
        bring_back(clock())
    with Post() as post:
        run = _Run(clock, tally, post)
        for users in waiting(clock()):
            if dry_run:
                tally.sent += len(run.sort(users, write=False))
            elif not run.send(users):
                tally.stopped = post.trouble or "the mail server is away"
                logger.error("Reminders stopped, the next run goes on: %s", tally.stopped)
                break
    return tally


class _Run:
    def __init__(self, clock: Clock, tally: Tally, post: Post) -> None:
        self._clock, self._tally, self._post = clock, tally, post
        self._due: DueDecks = import_string(settings.REMINDER_DUE_DECKS)
        self._unsure = 0

    def sort(self, users: Sequence[User], *, write: bool) -> list[tuple[User, Decks]]:
        """Those who are to get a mail, with their decks; the others wait for their next turn."""
        now, tally = self._clock(), self._tally
        asked: list[User] = []
        for user in users:
            if not times.in_time(now, due_at(user), wish_of(user)):
                tally.too_late += 1
            elif not (user.is_active and user.confirmed):  # type: ignore[attr-defined]
                tally.unconfirmed += 1
            else:
                asked.append(user)
        due = self._due({user.pk: user.today(now) for user in asked})
        wanted = [(user, due[user.pk]) for user in asked if user.pk in due]
        tally.nothing_due += len(asked) - len(wanted)
        if write:
            getting = {user.pk for user, _decks in wanted}
            pass_over([user for user in users if user.pk not in getting], now)
        return wanted

    def send(self, users: Sequence[User]) -> bool:
        """Remind a batch; False when the mail server takes nothing any more."""
        for user, decks in self.sort(users, write=True):
            if not self._post.ready() or not self._remind(user, decks):
                return False
        return True

    def _remind(self, user: User, decks: Decks) -> bool:
        message = reminder(user, decks)
        claimed = claim(user, self._clock())
        if claimed is None:
            return True
        outcome = self._post.send(message)
        tally = self._tally
        self._unsure = self._unsure + 1 if outcome is Outcome.UNSURE else 0
        if outcome is Outcome.SENT:
            claimed.delivered()
            tally.sent += 1
        elif outcome is Outcome.REFUSED:
            tally.refused += 1
            tally.turned_off += claimed.refused()
        elif outcome is Outcome.UNSURE:  # Never twice: it stays as if it were sent.
            tally.unsure += 1
        else:
            claimed.release()
            tally.later += 1
        return outcome is not Outcome.AWAY and self._unsure < UNSURE_MAX
