"""The geometry of the charts: everything inside the picture, in order, in proportion."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards import charts
from cards.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP

TODAY = dt.date(2026, 3, 10)
DAY = dt.timedelta(days=1)
counts = st.lists(st.integers(0, 100_000), min_size=1, max_size=60)


def days(number: int) -> list[dt.date]:
    return [TODAY + at * DAY for at in range(number)]


@given(st.integers(0, 10**7))
def test_ticks_are_few_even_and_reach_the_top(top: int) -> None:
    found = charts.ticks(top)
    assert found[0] == 0
    assert max(top, 1) <= found[-1] <= max(2 * top, 5)
    assert 2 <= len(found) <= 6
    assert len({right - left for left, right in itertools.pairwise(found)}) == 1


@given(counts)
def test_bars_stand_on_the_ground_in_proportion_to_their_values(values: list[int]) -> None:
    chart = charts.bars(list(zip(days(len(values)), values, strict=True)))
    assert [bar.value for bar in chart.bars] == values
    for bar in chart.bars:
        assert LEFT <= bar.x <= bar.x + bar.width <= RIGHT + 0.2
        assert bar.y >= TOP
        assert bar.y + bar.height == pytest.approx(BOTTOM, abs=0.11)
        share = bar.value / chart.ticks[-1].value
        assert bar.height == pytest.approx(share * (BOTTOM - TOP), abs=0.11)


@given(st.lists(st.none() | st.integers(0, 100), max_size=60))
def test_a_line_shows_each_known_value_once_and_breaks_at_gaps(values: list[int | None]) -> None:
    chart = charts.line(list(zip(days(len(values)), values, strict=True)))
    assert [dot.value for dot in chart.dots] == [value for value in values if value is not None]
    assert all(TOP <= dot.y <= BOTTOM and LEFT <= dot.x <= RIGHT for dot in chart.dots)
    known = "".join(" " if value is None else "x" for value in values)
    assert [run.count(",") for run in chart.runs] == [len(run) for run in known.split()]
    assert chart.ticks[-1].value == 100


@given(st.integers(2, 10), st.integers(1, 53), st.data())
def test_bands_lie_upon_each_other_without_a_gap(
    boxes: int, samples: int, data: st.DataObject
) -> None:
    row = st.lists(st.integers(0, 5000), min_size=boxes, max_size=boxes)
    held = data.draw(st.lists(row, min_size=samples, max_size=samples))
    chart = charts.areas(days(samples), held)
    assert [area.number for area in chart.areas] == list(range(1, boxes + 1))
    below = None
    for area in chart.areas:
        points = area.points.split()
        upper, lower = points[: len(points) // 2], points[len(points) // 2 :][::-1]
        assert below is None or lower == below
        below = upper
        assert all(0 <= float(point.split(",")[1]) <= HEIGHT for point in points)


def test_tones_run_from_the_first_box_to_the_last() -> None:
    assert [charts.tone(number, 2) for number in (1, 2)] == [0, 9]
    assert [charts.tone(number, 10) for number in range(1, 11)] == list(range(10))


@given(st.dates(dt.date(2001, 1, 1), dt.date(2099, 1, 1)), st.integers(1, 60))
def test_the_calendar_ends_today_and_begins_on_a_monday(today: dt.date, weeks: int) -> None:
    chart = charts.calendar({today: 3}, today, weeks)
    assert chart.cells[0].day.weekday() == 0
    assert chart.cells[-1].day == today
    assert chart.cells[-1].level == 1
    assert len({(cell.x, cell.y) for cell in chart.cells}) == len(chart.cells)
    assert all(cell.x + 14 <= chart.width and cell.y + 14 <= chart.height for cell in chart.cells)


@given(st.lists(st.integers(1, 500), min_size=1))
def test_levels_grow_with_the_count_and_none_is_level_nought(busy: list[int]) -> None:
    busy.sort()
    found = [charts.level(count, busy) for count in busy]
    assert found == sorted(found)
    assert set(found) <= {1, 2, 3, 4}
    assert charts.level(0, busy) == 0


def test_marks_name_the_first_the_middle_and_the_last_day() -> None:
    chart = charts.bars([(day, 1) for day in days(30)])
    assert [(mark.day, mark.anchor) for mark in chart.marks] == [
        (TODAY, "start"),
        (TODAY + 15 * DAY, "middle"),
        (TODAY + 29 * DAY, "end"),
    ]
