"""The picture of the boxes is true at any number of cards."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cards.drawer import MARGIN, capacity, compartments


@st.composite
def boxes(draw: st.DrawFn) -> tuple[list[int], list[int], list[int]]:
    count = draw(st.integers(2, 10))
    held = draw(st.lists(st.integers(0, 200_000), min_size=count, max_size=count))
    due = [draw(st.integers(0, cards)) for cards in held]
    return list(range(1, count + 1)), held, due


def test_while_there_is_room_a_sliver_is_a_card() -> None:
    first, second = compartments([1, 3], [5, 7], [2, 0])
    assert [len(first.slivers), len(second.slivers)] == [5, 7]
    assert [sliver.due for sliver in first.slivers] == [False, False, False, True, True]


@given(boxes())
def test_every_sliver_lies_inside_its_compartment(data: tuple[list[int], ...]) -> None:
    intervals, held, due = data
    for box in compartments(intervals, held, due):
        assert len(box.slivers) <= capacity(box.number)
        assert all(MARGIN <= sliver.x <= box.width - MARGIN for sliver in box.slivers)


@given(boxes())
def test_a_card_and_a_due_card_never_vanish_from_the_picture(data: tuple[list[int], ...]) -> None:
    intervals, held, due = data
    for box in compartments(intervals, held, due):
        assert bool(box.slivers) == bool(box.cards)
        assert any(sliver.due for sliver in box.slivers) == bool(box.due)
