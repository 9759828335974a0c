"""Learners with a browser each, as far as a server can tell: keep-alive, cookies, forms."""

from __future__ import annotations

import gzip
import http.client
import os
import random
import re
import time
import uuid
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.benchmarks.load.data import PASSWORD
from tests.benchmarks.load.serving import cores_of_learners

TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')
FIELD = {
    name: re.compile(rb'name="%s" value="([^"]*)"' % name.encode())
    for name in ("card", "id", "box", "due", "shown")
}
# Of 100 visits: how many begin with a sign-in, look through the cards, add one.
SIGN_INS, BROWSE, ADD = 4, 30, 20
ANSWERS = 10
Row = tuple[str, float, int]


@dataclass(slots=True)
class Seen:
    """What a learner saw: kind of request, seconds, status."""

    rows: list[Row] = field(default_factory=list)

    def add(self, kind: str, seconds: float, status: int) -> None:
        self.rows.append((kind, seconds, status))


class Browser:
    """One learner's, on one connection. Requests are timed until the whole answer is there."""

    def __init__(self, port: int, pk: int, session: str, seen: Seen) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.pk, self.seen, self.token = pk, seen, ""
        self.cookies = {"sessionid": session} if session else {}
        # Each at an address of their own, as the proxy would say.
        self.address = f"10.{pk >> 16 & 255}.{pk >> 8 & 255}.{pk & 255}"

    def get(self, kind: str, path: str) -> bytes:
        body = self._ask(kind, "GET", path, None)
        if found := TOKEN.search(body):
            self.token = found[1].decode()
        return body

    def post(self, kind: str, path: str, **form: str) -> None:
        self._ask(kind, "POST", path, urlencode(form | {"csrfmiddlewaretoken": self.token}))

    def _ask(self, kind: str, method: str, path: str, form: str | None) -> bytes:
        headers = {
            "X-Forwarded-For": self.address,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Accept-Encoding": "gzip",
        }
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        start = time.perf_counter()
        self.line.request(method, path, form, headers)
        answer = self.line.getresponse()
        body = answer.read()
        self.seen.add(kind, time.perf_counter() - start, answer.status)
        for value in answer.headers.get_all("Set-Cookie") or ():
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return gzip.decompress(body) if answer.headers["Content-Encoding"] == "gzip" else body


def visit(browser: Browser, dice: random.Random) -> None:
    """One learner's visit: home, ten answers, and sometimes more."""
    if dice.randrange(100) < SIGN_INS:
        browser.cookies.clear()
        browser.get("sign-in page", "/accounts/login/")
        login = f"learner{browser.pk - 1}@example.org"
        browser.post("sign in", "/accounts/login/", login=login, password=PASSWORD)
    browser.get("home", "/")
    page = browser.get("question", "/review/")
    for _ in range(ANSWERS):
        # The form to undo the last answer has an id as well.
        _, _, answer = page.partition(b'action="/review/answer/')
        form = {
            name: found[1] for name, pattern in FIELD.items() if (found := pattern.search(answer))
        }
        if "card" not in form:
            break
        passed = "1" if dice.random() < 0.9 else "0"
        given = {name: value.decode() for name, value in form.items()}
        browser.post("answer", "/review/answer/", passed=passed, **given)
        page = browser.get("question", "/review/")
    if dice.randrange(100) < BROWSE:
        browser.get("browse", "/cards/")
    if dice.randrange(100) < ADD:
        browser.get("add page", "/cards/add/")
        word = uuid.uuid4().hex
        browser.post("add", "/cards/add/", front=f"New {word}", back="A new one", deck="Deck")


@dataclass(frozen=True, slots=True)
class Drive:
    """What one driving process does with its learners, from `begin` to `until` (time.time()).

    With `rate`, visits begin so many times a second, whether the server keeps up or not; else one
    follows the other. With `answers_to`, nothing but answers to that path, each to a card that its
    learner has.
    """

    port: int
    sessions: list[tuple[int, str]]
    begin: float
    until: float
    rate: float = 0.0
    answers_to: str = ""
    cards: dict[int, list[tuple[int, int, str]]] = field(default_factory=dict)


def drive(do: Drive) -> list[Row]:
    """Carry it out; kind, seconds and status of each request that began in time."""
    os.sched_setaffinity(0, cores_of_learners())
    time.sleep(max(0.0, do.begin - time.time()))
    seen, dice, begin = Seen(), random.Random(do.sessions[0][0]), do.begin
    for pk, session in do.sessions:
        if do.rate:
            begin += dice.expovariate(do.rate)
        if max(begin, time.time()) > do.until:
            break
        time.sleep(max(0.0, begin - time.time()))
        browser = Browser(do.port, pk, session, seen)
        if do.answers_to:
            _answers(browser, do)
        else:
            visit(browser, dice)
        browser.line.close()
    return seen.rows


def _answers(browser: Browser, do: Drive) -> None:
    """The page was seen before: that is not counted."""
    browser.get("before", "/review/")
    for card, box, due in do.cards[browser.pk]:
        if time.time() > do.until:
            return
        form = {"card": str(card), "box": str(box), "due": due, "id": str(uuid.uuid4())}
        browser.post("answer", do.answers_to, passed="1", **form)
