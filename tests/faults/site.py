"""A site that is served, with servers that can be hurt, and learners who do not give up."""

from __future__ import annotations

import http.client
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import psutil

from accounts.models import User
from cards.models import Card
from tests.gunicorns import TOKEN, cookies

PATIENCE = 60.0
# What a browser makes of it: the answer counts.
TAKEN = 302


@dataclass(frozen=True, slots=True)
class Given:
    """One answer as the page sends it, with the id that the page made for it."""

    card: int
    id: str
    body: str

    @classmethod
    def to(cls, card: Card, passed: bool = True) -> Given:
        key = str(uuid.uuid4())
        due = card.due.isoformat() if card.due else ""
        form = {"card": card.pk, "id": key, "box": card.box, "due": due, "passed": int(passed)}
        return cls(card.pk, key, urlencode(form))


@dataclass
class Learner:
    """One browser: sends each answer until somebody says that it counts."""

    address: str
    cookie: str
    taken: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def answer(self, given: Given) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            status = self.send(given)
            if status == TAKEN:
                self.taken.append(given.id)
                return
            self.troubles.append(str(status))
            time.sleep(0.05)
        raise AssertionError(f"nobody took the answer: {self.troubles[-5:]}")

    def send(self, given: Given) -> int | str:
        """The status, or why there was none."""
        line = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=20)
        headers = {
            "Cookie": self.cookie,
            "X-CSRFToken": TOKEN,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            line.request("POST", "/review/answer/", given.body, headers)
            return line.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        finally:
            line.close()


def learner(address: str, user: User) -> Learner:
    return Learner(address, cookies(user))


def under(trouble: Callable[[], object], pairs: list[tuple[Learner, list[Given]]]) -> None:
    """Everybody answers, and a third of the way `trouble` happens."""
    total = sum(len(answers) for _, answers in pairs)
    enough = threading.Event()
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            if sum(len(one.taken) for one, _ in pairs) >= total // 3:
                enough.set()
                return
            over.wait(0.005)

    def answer(pair: tuple[Learner, Iterable[Given]]) -> None:
        for given in pair[1]:
            pair[0].answer(given)

    with ThreadPoolExecutor(len(pairs) + 1) as pool:
        watching = pool.submit(watch)
        answering = [pool.submit(answer, pair) for pair in pairs]
        assert enough.wait(PATIENCE), "answers do not get anywhere"
        trouble()
        try:
            for one in answering:
                one.result()
        finally:
            over.set()
            watching.result()


def workers() -> list[psutil.Process]:
    """The worker processes of the gunicorns that this process has started."""
    masters = [one for one in psutil.Process().children() if "gunicorn" in " ".join(one.cmdline())]
    return [worker for master in masters for worker in master.children()]
