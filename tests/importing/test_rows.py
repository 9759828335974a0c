"""Rows of cells: RFC 4180, free separators, and quotes that somebody forgot to close."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.importing.rows import LINE_MAX, LINES_IN_A_ROW_MAX, Dialect, Row, read_rows

COMMA, TAB = Dialect(","), Dialect("\t")


def rows(text: str, dialect: Dialect = COMMA, *, comments: bool = False) -> list[Row]:
    return list(read_rows(io.StringIO(text, newline=""), dialect, comments=comments))


def test_quoted_cells_hold_separators_line_ends_and_quotes() -> None:
    text = '"a,b","line 1\nline 2","say ""hi"""\r\nnext,row,x\r\n'
    assert rows(text) == [
        Row(1, ["a,b", "line 1\nline 2", 'say "hi"']),
        Row(3, ["next", "row", "x"]),
    ]


def test_a_quote_that_is_never_closed_costs_one_line_and_names_it() -> None:
    text = 'one,1\ntwo,"2\nthree,3\nfour,4\n'
    assert rows(text) == [
        Row(1, ["one", "1"]),
        Row(2, ['two,"2'], "quote"),
        Row(3, ["three", "3"]),
        Row(4, ["four", "4"]),
    ]


def test_a_quote_that_a_later_quote_seems_to_close_names_the_line_where_it_began() -> None:
    text = '"one,1\ntwo,2\n"three",3\n'
    assert rows(text) == [Row(1, ['"one,1'], "quote"), Row(2, ["two", "2"]), Row(3, ["three", "3"])]


def test_a_quote_within_a_cell_is_an_ordinary_character() -> None:
    assert rows('5" disk,floppy\n') == [Row(1, ['5" disk', "floppy"])]


def test_quotes_can_be_ordinary_text_altogether() -> None:
    dialect = Dialect("\t", quoted=False)
    assert rows('"Yes" he said\tja\n"\tx\n', dialect) == [
        Row(1, ['"Yes" he said', "ja"]),
        Row(2, ['"', "x"]),
    ]


def test_blank_lines_are_passed_over_and_counted() -> None:
    assert rows("\n\na,b\n\n\nc,d") == [Row(3, ["a", "b"]), Row(6, ["c", "d"])]


def test_comments_are_told_and_quoted_ones_are_cells() -> None:
    text = '#one\na,b\n# two\n"#c","x\n#y"\n'
    assert sorted(rows(text, comments=True)) == [
        Row(1, [], "comment"),
        Row(2, ["a", "b"]),
        Row(3, [], "comment"),
        Row(4, ["#c", "x\n#y"]),
    ]
    assert rows("#one,1\n") == [Row(1, ["#one", "1"])]


@pytest.fixture(params=["as Python has it", "raised by somebody"])
def limit(request: pytest.FixtureRequest) -> Iterator[None]:
    """How long a cell may be is a setting of the whole process, whoever else runs in it."""
    before = csv.field_size_limit(2**31 - 1 if request.param == "raised by somebody" else 131_072)
    yield
    csv.field_size_limit(before)


@pytest.mark.usefixtures("limit")
def test_endless_lines_and_endless_rows_are_refused_and_the_file_goes_on() -> None:
    assert rows("x" * (LINE_MAX + 1) + "\na,b\n") == [
        Row(1, ["x" * 80], "long"),
        Row(2, ["a", "b"]),
    ]
    text = '"' + ("x\n" * (LINES_IN_A_ROW_MAX + 5))
    found = rows(text)
    assert found[0] == Row(1, ['"x'], "quote")
    assert len(found) == LINES_IN_A_ROW_MAX + 5


@pytest.mark.parametrize(
    ("text", "dialect", "cells"),
    [
        ("a - b - c\nd - e", Dialect(" - ", limit=1), [["a", "b - c"], ["d", "e"]]),
        ("q4|||a4\n", Dialect("|||"), [["q4", "a4"]]),
        ("a\tb;c\td\ne;", Dialect("\t", cards=";", limit=1), [["a", "b"], ["c", "d\ne"]]),
        ("a=b\r\n\r\nc=d\r\ne", Dialect("=", cards="\n\n"), [["a", "b"], ["c", "d\ne"]]),
        ("\tonly back\n", Dialect("\t", cards="\n", limit=1), [["", "only back"]]),
    ],
)
def test_free_separators_cut_the_text(text: str, dialect: Dialect, cells: list[list[str]]) -> None:
    assert [row.cells for row in rows(text, dialect)] == cells


def test_free_separators_count_lines_too() -> None:
    text = "\na::1\nstill 1\n-----\nb::2\n-----\nc::3"
    found = rows(text, Dialect("::", cards="\n-----\n", limit=1))
    assert [row.line for row in found] == [2, 5, 7]


@given(st.text(max_size=200), st.sampled_from(["\t", ",", ";", "|", ":", " ", "é", '"', "::"]))
def test_no_text_makes_the_reader_fail(text: str, separator: str) -> None:
    for dialect in (Dialect(separator), Dialect(separator, cards=";;", limit=1)):
        found = rows(text, dialect, comments=True)
        assert all(row.line >= 1 for row in found)
        assert len(found) <= len(text) + 1


cells = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.lists(cells, min_size=2, max_size=4), max_size=6))
def test_what_csv_wrote_is_read_unchanged(table: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(table)
    assert [row.cells for row in rows(out.getvalue())] == table


def test_quotes_that_are_never_closed_do_not_make_the_file_be_read_for_ever() -> None:
    count = 8_000
    read = 0

    def lines() -> Iterator[str]:
        nonlocal read
        for _ in range(count):
            read += 1
            yield 'a","\n'

    found = list(read_rows(lines(), COMMA))
    assert read == count
    assert len(found) < count // 10
    assert {row.problem for row in found} == {"quote"}
    assert [row.line for row in found] == list(range(1, len(found) + 1))
