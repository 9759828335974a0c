"""The plan of a change of the boxes: every card ends in one box, and their order is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.box_plan import Move, Plan, Slot, insert, plan, preset, rebase
from cards.scheduling import CLASSIC, LONG_RUN, interval_errors

Change = tuple[list[int], list[Slot]]


def growing(least: int = 2) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(1, 3650), min_size=least, max_size=10, unique=True).map(sorted)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """Boxes, and others made of them by removing, adding and new intervals."""
    before = draw(growing())
    kept = draw(st.sets(st.integers(1, len(before)), min_size=1))
    origins: list[int | None] = [*sorted(kept)]
    for _ in range(draw(st.integers(0, 4))):
        origins.insert(draw(st.integers(1, len(origins))), None)
    return before, [Slot(day, origin) for day, origin in enumerate(origins, start=1)]


@given(changes(), st.lists(st.integers(0, 10_000), min_size=10, max_size=10))
def test_every_card_ends_in_one_existing_box_and_order_is_kept(
    change: Change, counts: list[int]
) -> None:
    before, after = change
    made = plan(before, after)
    cards = {number: counts[number - 1] for number in made.moves}
    assert list(made.moves) == list(range(1, len(before) + 1))
    assert all(1 <= new <= len(after) for new in made.moves.values())
    assert list(made.moves.values()) == sorted(made.moves.values())
    assert sum(made.cards_after(cards)) == sum(cards.values())


@given(changes())
def test_a_kept_box_takes_its_cards_along_and_a_removed_one_drops_them_to_a_kept_one(
    change: Change,
) -> None:
    before, after = change
    made = plan(before, after)
    kept = {slot.origin: number for number, slot in enumerate(after, start=1) if slot.origin}
    for old, new in made.moves.items():
        below = [number for number in kept if number <= old]
        assert new == (kept[max(below)] if below else 1)


@given(growing(), growing(), st.data())
def test_a_plan_made_for_other_boxes_can_be_said_of_those_of_now(
    seen: list[int], now: list[int], data: st.DataObject
) -> None:
    origins = data.draw(st.sets(st.integers(1, len(seen)), min_size=2).map(sorted))
    after = [Slot(day, origin) for day, origin in enumerate(origins, start=1)]
    rebased = rebase(after, seen, now)
    assert [slot.interval for slot in rebased] == [slot.interval for slot in after]
    assert plan(now, rebased).moves[1] == 1


@given(growing())
def test_rebasing_on_the_same_boxes_keeps_the_plan(boxes: list[int]) -> None:
    after = preset(boxes, boxes)
    assert rebase(after, boxes, boxes) == after


@given(growing(), st.integers(1, 3650))
def test_an_inserted_box_keeps_the_intervals_growing_unless_it_is_there(
    boxes: list[int], days: int
) -> None:
    slots = insert(preset(boxes, boxes), days)
    assert ("growing" in interval_errors([s.interval for s in slots])) == (days in boxes)


def test_removing_box_four_of_seven_renumbers_those_above() -> None:
    after = [Slot(d, n) for n, d in enumerate(LONG_RUN, start=1) if n != 4]
    made = plan(LONG_RUN, after)
    assert made.removed == [4]
    assert made.renumbered == {4: 3, 5: 4, 6: 5, 7: 6}
    assert made.moves_of({4: 12, 5: 0, 6: 1, 7: 9})[0] == Move(4, 3, 12, removed=True)


def test_cards_of_a_removed_first_box_stay_in_box_one() -> None:
    made = plan([1, 3, 7], [Slot(3, 2), Slot(7, 3)])
    assert made.moves == {1: 1, 2: 1, 3: 2}
    assert [(m.old, m.new) for m in made.moves_of({1: 5, 2: 6, 3: 7})] == [(1, 1), (2, 1), (3, 2)]


def test_the_classic_five_take_what_lay_in_boxes_six_and_seven() -> None:
    assert plan(LONG_RUN, preset(LONG_RUN, CLASSIC)).renumbered == {6: 5, 7: 5}


def test_the_long_run_moves_no_card_of_the_classic_five() -> None:
    made = plan(CLASSIC, preset(CLASSIC, LONG_RUN))
    assert made.renumbered == {}
    assert made.changes_something
    assert made.after[5:] == (Slot(60), Slot(120))


def test_the_same_boxes_change_nothing() -> None:
    made: Plan = plan(CLASSIC, preset(CLASSIC, CLASSIC))
    assert not made.changes_something
    assert made.moves_of({}) == []


@pytest.mark.parametrize(
    "after",
    [
        pytest.param([Slot(1, 1), Slot(3, 1)], id="twice"),
        pytest.param([Slot(1, 2), Slot(3, 1)], id="out of order"),
        pytest.param([Slot(1, 1), Slot(9, 9)], id="unknown"),
        pytest.param([Slot(1), Slot(2, 1)], id="before box 1"),
    ],
)
def test_a_change_that_does_not_fit_the_boxes_is_refused(after: list[Slot]) -> None:
    with pytest.raises(ValueError, match="box"):
        plan([1, 3], after)
