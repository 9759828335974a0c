"""The first page: the learner's boxes and what wants them today; for a stranger, what this is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cards import answering, queue
from cards.access import learner
from cards.drawer import compartments
from cards.facts import home_facts
from cards.models import Deck
from cards.outlook import minutes, outlook
from cards.summary import Summary, Tally, summary

if TYPE_CHECKING:
    from accounts.models import User

# From here on a backlog is offered to be spread over the next days.
BACKLOG = 60
MORE_NEW = 10
DECKS_SHOWN = 8


@login_not_required
@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is due in which box, and one button to start."""
    if not request.user.is_authenticated:
        return render(request, "cards/welcome.html", {"drawer": _example()})
    owner = learner(request)
    session = queue.start(owner, timezone.now())
    counts = summary(owner, session.today)
    intervals = answering.intervals_of(owner)
    numbers = range(1, len(intervals) + 1)
    new = min(session.new_left, counts.all.new)
    waiting = counts.all.due + new + (len(session.missed()) if session.missed_ids else 0)
    context = {
        "session": session,
        "counts": counts,
        "new": new,
        "waiting": waiting,
        "more": max(0, session.introduced - owner.new_per_day) + MORE_NEW,
        "minutes": minutes(owner, waiting),
        "backlog": counts.all.due >= BACKLOG,
        "drawer": compartments(
            intervals,
            [counts.boxes[number].total for number in numbers],
            [counts.boxes[number].due for number in numbers],
        ),
        "facts": home_facts(owner, session.today),
        "decks": _decks(owner, counts),
        "outlook": None if waiting else outlook(owner, session.today),
    }
    return render(request, "cards/home.html", context)


def _decks(owner: User, counts: Summary) -> list[tuple[Deck, Tally]]:
    """The decks that want something today, the fullest first; the decks page has them all."""
    wanting = [(tally.due, tally.new, pk) for pk, tally in counts.decks.items()]
    wanting = [deck for deck in wanting if deck[0] or deck[1]]
    first = [pk for _, _, pk in sorted(wanting, reverse=True)[:DECKS_SHOWN]]
    found = Deck.objects.of(owner).in_bulk(first)
    return [(found[pk], counts.decks[pk]) for pk in first if pk in found]


def _example() -> object:
    """The boxes of somebody half a year on their way, for the welcome page."""
    return compartments([1, 3, 7, 14, 30], [11, 14, 18, 22, 26], [4, 3, 2, 1, 1])
