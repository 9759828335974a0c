"""Learners of one process take their turns, so that its connections stay as few as counted."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections

from backups.runs import lock
from backups.runs.lock import Busy, hold

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="about connections to PostgreSQL"),
]


def test_another_learner_waits_until_the_first_is_through() -> None:
    order: list[str] = []

    def second() -> None:
        with hold("default", 2):
            order.append("second")
        connections.close_all()

    waiting = threading.Thread(target=second)
    with hold("default", 1):
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
        order.append("first")
    waiting.join(20)
    assert order == ["first", "second"]


def test_the_same_learner_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with hold("default", 1), pytest.raises(Busy), hold("default", 1):
        pytest.fail("twice")
    with hold("default", 1):
        assert lock._asking == {1}
    assert lock._asking == set()


def test_who_waits_in_vain_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "TURN_SECONDS", 0.01)
    with hold("default", 1), pytest.raises(Busy), hold("default", 2):
        pytest.fail("both at once")
    with hold("default", 2):
        assert lock._asking == {2}


def test_a_run_waits_for_no_learner() -> None:
    with hold("default", 1), hold("default"):
        assert lock.is_held("default")
