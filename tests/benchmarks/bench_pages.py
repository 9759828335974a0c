"""Pages and answers for a learner with 100 cards and one with 100,000, beside 1,000,000 cards.

The two learners take turns, so that whatever else the machine does meets both. `cold`: nothing is
cached, as on a new day or after an import; `warm`: the page was seen since the last write; `after
an answer`: it was seen, and one card was answered since. A search has no goal: it reads every card
of its learner.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, NamedTuple
from urllib.parse import urlencode

from tests.benchmarks.million import FEW, MANY, TODAY, prepare

ROUNDS = 41
TARGET_RATIO, TARGET_QUERIES = 1.5, 8


class Cost(NamedTuple):
    """Milliseconds: on the clock (the database's work included), and of this process alone."""

    wall: float
    cpu: float


def main() -> None:
    learners = prepare()
    from django.contrib.auth import get_user_model
    from django.test import Client

    owners = [get_user_model().objects.get(pk=pk) for pk in learners]
    clients = [Client(SERVER_NAME="localhost") for _ in owners]
    for client, owner in zip(clients, owners, strict=True):
        client.force_login(owner)
    print(f"{'':33}{FEW:>11,} cards{MANY:>17,} cards   ratio (goal {TARGET_RATIO})")
    addresses = [_addresses(owner) for owner in owners]
    answers = [Answers(*pair) for pair in zip(clients, owners, strict=True)]
    for name in addresses[0]:
        pairs = zip(clients, addresses, strict=True)
        visits = [_visit(client, urls[name]) for client, urls in pairs]
        for state, before in (("cold", _forget), ("warm", _nothing)):
            costs = _take_turns(visits, before)
            _report(f"{name}, {state}", costs, [_queries(visit, before) for visit in visits])
        answered = [_after_answer(*pair) for pair in zip(answers, visits, strict=True)]
        costs = _take_turns(visits, *answered)
        queries = [_queries(*pair) for pair in zip(visits, answered, strict=True)]
        _report(f"{name}, after an answer", costs, queries)
    costs = _take_turns([each.give for each in answers], *[each.settle for each in answers])
    queries = [_queries(each.give, each.settle) for each in answers]
    _report("answer", costs, queries)
    print(f"One answer: {max(queries)} queries (goal: at most {TARGET_QUERIES})")


def _addresses(owner: Any) -> dict[str, str]:
    """The pages that are measured; `deep` is the page in the middle of all cards."""
    from django.urls import reverse

    from cards import browsing, paging
    from cards.models import Card

    ids = Card.objects.of(owner).order_by("id").values_list("id", flat=True)
    upper = browsing.Filter().cards(owner, TODAY).filter(pk__gt=ids[ids.count() // 2])
    deep = paging.page(upper, "oldest").after
    browse = reverse("cards:browse")
    return {
        "home": reverse("cards:home"),
        "session start": reverse("cards:review"),
        "browse": browse,
        "browse, deep": browse + "?" + urlencode({"sort": "oldest", "at": deep}),
        "browse, a search": browse + "?" + urlencode({"q": "Word 7 of"}),
    }


class Answers:
    """Gives answers as the page does; `settle` takes back the last and looks up the next card."""

    def __init__(self, client: Any, owner: Any) -> None:
        self.client, self.owner = client, owner
        self.last: uuid.UUID | None = None
        self.form: dict[str, object] = {}

    def give(self) -> None:
        from django.urls import reverse

        response = self.client.post(reverse("cards:review-answer"), self.form)
        assert response.status_code in (302, 303), response.status_code

    def settle(self) -> None:
        from django.utils import timezone

        from cards import queue
        from cards.answering import undo

        if self.last:
            undone = undo(owner=self.owner, review_id=self.last, now=timezone.now())
            assert undone.status == "applied", undone.status
        card = queue.start(self.owner, timezone.now()).next_cards(1)[0]
        self.last = uuid.uuid4()
        self.form = {
            "card": card.pk,
            "id": str(self.last),
            "passed": "1",
            "box": card.box,
            "due": card.due or "",
        }


def _visit(client: Any, url: str) -> Callable[[], None]:
    def visit() -> None:
        response = client.get(url)
        assert response.status_code == 200, response.status_code

    return visit


def _after_answer(answers: Answers, visit: Callable[[], None]) -> Callable[[], None]:
    """The state in which the page was seen, and then one card was answered."""

    def prepare() -> None:
        answers.settle()
        visit()
        answers.give()

    return prepare


def _take_turns(acts: Sequence[Callable[[], None]], *before: Callable[[], None]) -> list[Cost]:
    """The median cost of each act; `before` (one for all, or one each) is not counted."""
    costs: list[list[Cost]] = [[] for _ in acts]
    for _ in range(ROUNDS):
        for index, act in enumerate(acts):
            before[index % len(before)]()
            wall, cpu = time.perf_counter(), time.process_time()
            act()
            costs[index].append(
                Cost((time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3)
            )
    # The first rounds load templates and fill PostgreSQL's memory.
    return [Cost(*map(median, zip(*each[5:], strict=True))) for each in costs]


def _queries(act: Callable[[], None], before: Callable[[], None]) -> int:
    """How many statements the act sends, without BEGIN and COMMIT."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    before()
    with CaptureQueriesContext(connection) as sent:
        act()
    return sum(query["sql"] not in ("BEGIN", "COMMIT") for query in sent.captured_queries)


def _forget() -> None:
    from django.core.cache import cache

    cache.clear()


def _nothing() -> None:
    """Leave the cache as it is."""


def _report(name: str, costs: list[Cost], queries: list[int]) -> None:
    columns = [
        f"{cost.wall:6.1f} ms ({count:2} queries)"
        for cost, count in zip(costs, queries, strict=True)
    ]
    small, large = costs
    wall, cpu = large.wall / small.wall, large.cpu / small.cpu
    print(f"{name:33}{columns[0]}{columns[1]}   {wall:.2f} on the clock, {cpu:.2f} of our CPU")


if __name__ == "__main__":
    main()
