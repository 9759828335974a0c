"""Numbers in, geometry of plain SVG out; no database, no words, no colours.

All charts are `WIDTH` by `HEIGHT` units, which is about their size on a phone. Positions are in
these units from the top left.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 360, 190
LEFT, RIGHT, TOP, BOTTOM = 34, 352, 12, 160
STEP, GAP, GUTTER, HEADER = 17, 3, 28, 20
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tick:
    """A horizontal line at `y` that stands for `value`."""

    y: float
    value: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A date below the chart; `anchor` is start, middle or end."""

    x: float
    day: dt.date
    anchor: str


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    day: dt.date
    value: int


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    day: dt.date
    value: int


@dataclass(frozen=True, slots=True)
class Area:
    """The band of box `number`; `tone` is 0 (first box) to 9 (last)."""

    number: int
    tone: int
    points: str


@dataclass(frozen=True, slots=True)
class Bars:
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """`runs` are the points of polylines: a week without a value interrupts the line."""

    dots: tuple[Dot, ...]
    runs: tuple[str, ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Areas:
    areas: tuple[Area, ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One day; `level` is 0 (no review) to 4 (the busiest quarter of the days)."""

    x: int
    y: int
    day: dt.date
    count: int
    level: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """A column a week, Monday on top; `months` stand over the week that holds their first."""

    width: int
    height: int
    cells: tuple[Cell, ...]
    months: tuple[Mark, ...]


def calendar(counts: Mapping[dt.date, int], today: dt.date, weeks: int = 53) -> Calendar:
    """The last `weeks` weeks up to `today`, from reviews a day."""
    monday = today - today.weekday() * DAY
    first = monday - (weeks - 1) * 7 * DAY
    days = [first + number * DAY for number in range((today - first).days + 1)]
    busy = sorted(counts.get(day, 0) for day in days if counts.get(day, 0))
    cells = tuple(
        Cell(
            GUTTER + (number // 7) * STEP,
            HEADER + (number % 7) * STEP,
            day,
            counts.get(day, 0),
            level(counts.get(day, 0), busy),
        )
        for number, day in enumerate(days)
    )
    months = tuple(
        Mark(GUTTER + (number // 7) * STEP, day, "start")
        for number, day in enumerate(days)
        if day.day == 1 and number // 7 < weeks - 1
    )
    return Calendar(GUTTER + weeks * STEP - GAP, HEADER + 7 * STEP - GAP, cells, months)


def level(count: int, busy: Sequence[int]) -> int:
    """0 for none, else 1..4: the quarter of the rising counts `busy` in which `count` lies."""
    if not count:
        return 0
    return 1 + min(3, 4 * sum(other < count for other in busy) // max(len(busy), 1))


def ticks(top: int, most: int = 5) -> tuple[int, ...]:
    """0 and up to `most` round numbers, the last at least `top` (and at least 1)."""
    exponents = range(len(str(max(top, 1))))
    steps = (step * 10**exponent for step in (1, 2, 5, 25) for exponent in exponents)
    step = min(step for step in steps if step * most >= top)
    return tuple(step * number for number in range(max(1, -(-top // step)) + 1))


def bars(values: Sequence[tuple[dt.date, int]]) -> Bars:
    """A bar for each day."""
    scale = ticks(max((value for _, value in values), default=0))
    pitch = (RIGHT - LEFT) / max(len(values), 1)
    drawn = []
    for index, (day, value) in enumerate(values):
        y = _y(value, 0, scale[-1])
        x = round(LEFT + (index + 0.1) * pitch, 1)
        drawn.append(Bar(x, y, round(pitch * 0.8, 1), round(BOTTOM - y, 1), day, value))
    return Bars(tuple(drawn), _lines(scale), _marks([day for day, _ in values]))


def line(values: Sequence[tuple[dt.date, int | None]]) -> Line:
    """Per cent over time; the scale begins a little below the lowest, to show differences."""
    known = [value for _, value in values if value is not None]
    lowest = min(80, min(known, default=80))
    step = 10 if lowest >= 60 else 20 if lowest >= 20 else 25
    floor = lowest // step * step
    scale = tuple(range(floor, 101, step))
    xs = _xs(len(values))
    dots, runs = [], list[list[str]]()
    run = list[str]()
    for x, (day, value) in zip(xs, values, strict=True):
        if value is None:
            run = []
            continue
        y = _y(value, floor, 100)
        dots.append(Dot(x, y, day, value))
        if not run:
            runs.append(run)
        run.append(f"{x},{y}")
    marks = _marks([day for day, _ in values])
    return Line(tuple(dots), tuple(map(" ".join, runs)), _lines(scale), marks)


def areas(days: Sequence[dt.date], counts: Sequence[Sequence[int]]) -> Areas:
    """Bands upon each other, box 1 at the ground; `counts[i]` are the boxes on `days[i]`."""
    if len(days) == 1:
        days, counts = [days[0], days[0]], [counts[0], counts[0]]
    xs, boxes = _xs(len(days)), len(counts[0])
    scale = ticks(max(map(sum, counts)))
    edges = [[_y(sum(held[:upto]), 0, scale[-1]) for held in counts] for upto in range(boxes + 1)]
    drawn = []
    for number in range(1, boxes + 1):
        upper = list(zip(xs, edges[number], strict=True))
        lower = list(zip(xs, edges[number - 1], strict=True))
        points = " ".join(f"{x},{y}" for x, y in upper + lower[::-1])
        drawn.append(Area(number, tone(number, boxes), points))
    return Areas(tuple(drawn), _lines(scale), _marks(days))


def tone(number: int, boxes: int) -> int:
    """0 for the first of `boxes` to 9 for the last."""
    return round(9 * (number - 1) / max(boxes - 1, 1))


def _y(value: float, low: int, high: int) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low), 1)


def _xs(count: int) -> list[float]:
    if count == 1:
        return [(LEFT + RIGHT) / 2]
    return [round(LEFT + (RIGHT - LEFT) * at / (count - 1), 1) for at in range(count)]


def _lines(scale: Sequence[int]) -> tuple[Tick, ...]:
    return tuple(Tick(_y(value, scale[0], scale[-1]), value) for value in scale)


def _marks(days: Sequence[dt.date]) -> tuple[Mark, ...]:
    """The first day, the last, and one between."""
    if len(days) < 2:
        return tuple(Mark((LEFT + RIGHT) / 2, day, "middle") for day in days)
    middle = len(days) // 2
    marks = [Mark(LEFT, days[0], "start"), Mark(RIGHT, days[-1], "end")]
    if len(days) >= 5:
        marks.insert(1, Mark(_xs(len(days))[middle], days[middle], "middle"))
    return tuple(marks)
