"""Making and changing boxes: all of a learner's cards move at once, nobody else's do."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from cards.answering import answer, intervals_of, undo
from cards.box_plan import Slot, preset
from cards.boxes import BoxesChanged, apply_change, create_default_boxes, plan_change
from cards.models import Box, Card
from cards.scheduling import CLASSIC, LONG_RUN, Placement
from tests.factories import make_card

DUE = dt.date(2026, 3, 10)


def without(*numbers: int) -> list[Slot]:
    return [Slot(d, n) for n, d in enumerate(LONG_RUN, start=1) if n not in numbers]


def boxes_of(owner: User) -> dict[str, int]:
    return dict(Card.objects.filter(owner=owner).values_list("front", "box"))


def test_a_new_learner_gets_the_seven_boxes(db: None) -> None:
    user = User.objects.create_user("new@example.org")
    create_default_boxes(user)
    assert intervals_of(user) == list(LONG_RUN)
    assert Box.objects.filter(owner=user).count() == 7


def test_boxes_that_are_there_are_left_alone(alice: User) -> None:
    apply_change(owner=alice, after=preset(LONG_RUN, CLASSIC), seen=LONG_RUN, now=timezone.now())
    create_default_boxes(alice)
    assert intervals_of(alice) == list(CLASSIC)


def test_removing_a_box_moves_its_cards_down_and_renumbers_the_others(
    alice: User, charlie: User
) -> None:
    for number in range(1, 8):
        make_card(alice, front=f"{number}", box=number, due=DUE)
    make_card(charlie, front="foreign", box=7, due=DUE)
    apply_change(owner=alice, after=without(4), seen=LONG_RUN, now=timezone.now())
    assert boxes_of(alice) == {"1": 1, "2": 2, "3": 3, "4": 3, "5": 4, "6": 5, "7": 6}
    assert intervals_of(alice) == [1, 3, 7, 30, 60, 120]
    assert boxes_of(charlie) == {"foreign": 7}
    assert intervals_of(charlie) == list(LONG_RUN)


def test_due_dates_stay_and_suspended_and_deleted_cards_move_along(alice: User) -> None:
    deleted = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    make_card(alice, front="suspended", box=7, due=DUE, suspended=True)
    make_card(alice, front="deleted", box=7, due=DUE, deleted_at=deleted)
    apply_change(owner=alice, after=without(6, 7), seen=LONG_RUN, now=timezone.now())
    assert boxes_of(alice) == {"suspended": 5, "deleted": 5}
    assert set(Card.objects.filter(owner=alice).values_list("due", flat=True)) == {DUE}


def test_new_cards_stay_before_box_one_when_a_box_is_added(alice: User) -> None:
    make_card(alice, front="new")
    make_card(alice, front="second", box=2, due=DUE)
    after = [Slot(1, 1), Slot(2), *(Slot(d, n) for n, d in enumerate(LONG_RUN[1:], start=2))]
    apply_change(owner=alice, after=after, seen=LONG_RUN, now=timezone.now())
    assert boxes_of(alice) == {"new": 1, "second": 3}
    assert intervals_of(alice) == [1, 2, 3, 7, 14, 30, 60, 120]


def test_boxes_that_changed_meanwhile_are_not_changed_again(alice: User) -> None:
    make_card(alice, front="last", box=7, due=DUE)
    apply_change(owner=alice, after=without(4), seen=LONG_RUN, now=timezone.now())
    version = User.objects.get(pk=alice.pk).data_version
    with pytest.raises(BoxesChanged):
        apply_change(owner=alice, after=without(4), seen=LONG_RUN, now=timezone.now())
    assert boxes_of(alice) == {"last": 6}
    assert intervals_of(alice) == [1, 3, 7, 30, 60, 120]
    assert User.objects.get(pk=alice.pk).data_version == version


@pytest.mark.parametrize(
    ("after", "code"),
    [
        ([Slot(1, 1)], "count"),
        ([Slot(day) for day in range(1, 12)], "count"),
        ([Slot(7, 1), Slot(3, 2)], "growing"),
        ([Slot(1, 1), Slot(3651, 2)], "range"),
    ],
)
def test_boxes_that_break_a_rule_are_refused(alice: User, after: list[Slot], code: str) -> None:
    with pytest.raises(ValueError, match=code):
        plan_change(owner=alice, after=after)


def test_a_change_costs_the_same_however_many_cards_move(
    alice: User, charlie: User, django_assert_num_queries: Any
) -> None:
    make_card(alice, box=7, due=DUE)
    for _ in range(20):
        make_card(charlie, box=7, due=DUE)
    for owner in (alice, charlie):
        # Savepoint (in the test's transaction), learner, boxes, boxes, cards, delete, insert.
        with django_assert_num_queries(9):
            apply_change(owner=owner, after=without(4), seen=LONG_RUN, now=timezone.now())


def test_an_undo_puts_no_card_into_a_box_that_is_gone(alice: User) -> None:
    card = make_card(alice, box=6, due=DUE)
    review_id, now = uuid.uuid4(), dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
    answered = answer(
        owner=alice,
        card_id=card.pk,
        review_id=review_id,
        passed=False,
        seen=Placement(6, DUE),
        now=now,
    )
    assert answered.status == "applied"
    apply_change(owner=alice, after=preset(LONG_RUN, CLASSIC), seen=LONG_RUN, now=timezone.now())
    assert undo(owner=alice, review_id=review_id, now=now).status == "stale"
    card.refresh_from_db()
    assert card.box == 1


def test_an_answer_before_the_boxes_were_renumbered_is_taken_back_into_the_same_box(
    alice: User,
) -> None:
    now = timezone.now()
    card = make_card(alice, box=5, due=alice.today(now))
    review_id = uuid.uuid4()
    answer(
        owner=alice,
        card_id=card.pk,
        review_id=review_id,
        passed=False,
        seen=Placement(card.box, card.due),
        now=now,
    )
    apply_change(owner=alice, after=without(2), seen=LONG_RUN, now=now)
    assert undo(owner=alice, review_id=review_id, now=now).status == "applied"
    card.refresh_from_db()
    assert LONG_RUN[5 - 1] == intervals_of(alice)[card.box - 1]
