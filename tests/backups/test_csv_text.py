"""CSV that tells NULL from an empty text, in pieces of any size."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backups.archives.csv_text import CsvError, csv_line, csv_rows

texts = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('",\r\n'), max_size=12)
tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(st.none() | texts, min_size=width, max_size=width), max_size=8)
)


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@given(tables, st.integers(1, 40))
def test_what_is_written_is_read_in_pieces_of_any_size(
    table: list[list[str | None]], size: int
) -> None:
    data = "".join(map(csv_line, table)).encode()
    assert list(csv_rows(pieces(data, size))) == table


@given(tables)
def test_other_programs_read_the_same_texts(table: list[list[str | None]]) -> None:
    text = "".join(map(csv_line, table))
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    # An empty line is no row to Python's csv: one column that is NULL.
    expected = [[value or "" for value in row] for row in table]
    assert [row or [""] for row in read] == expected


@given(st.text(st.sampled_from('a",\r\n'), max_size=16), st.integers(1, 20))
def test_any_text_is_read_letter_by_letter_or_refused(text: str, size: int) -> None:
    """Most rows take a short way, which must see in them what the long one sees."""
    try:
        read = list(csv_rows(pieces(text.encode(), size)))
    except CsvError:
        read = []
    assert read == by_letters(text)


def by_letters(text: str) -> list[list[str | None]]:
    """The rows of a CSV, read by its grammar; none when it is no CSV."""
    rows, row, rest = list[list[str | None]](), list[str | None](), text
    while rest:
        value: str | None = ""
        if quoted := rest.startswith('"'):
            rest = rest[1:]
            while (end := rest.find('"')) >= 0 and rest[end + 1 : end + 2] == '"':
                value, rest = f"{value}{rest[: end + 1]}", rest[end + 2 :]
            if end < 0:
                return []
            value, rest = f"{value}{rest[:end]}", rest[end + 1 :]
        while not quoted and rest and rest[0] not in '",\r\n':
            value, rest = f"{value}{rest[0]}", rest[1:]
        row.append(value if quoted else value or None)
        end_of_value = next((end for end in (",", "\r\n", "\n") if rest.startswith(end)), None)
        if end_of_value is None:
            return []
        rest = rest.removeprefix(end_of_value)
        if end_of_value != ",":
            rows.append(row)
            row = []
    return [] if row else rows


def test_null_and_empty_are_two_things() -> None:
    assert csv_line(["a", None, "", "b,c"]) == 'a,,"","b,c"\r\n'
    assert list(csv_rows([b'a,,"","b,c"\n'])) == [["a", None, "", "b,c"]]


def test_line_feeds_alone_end_a_row_too() -> None:
    assert list(csv_rows([b'a,"x\r\ny"\nb,\n'])) == [["a", "x\r\ny"], ["b", None]]


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"a,b\r\nc,d", "row 2 does not end"),
        (b'a\r\n"b', "row 2 does not end"),
        (b'a"b\r\n', "row 1 does not end"),
        (b"a,\xff\r\n", "not UTF-8"),
        (b"a,\xc3", "not UTF-8"),
    ],
)
def test_what_is_no_csv_is_refused_with_its_row(data: bytes, complaint: str) -> None:
    with pytest.raises(CsvError, match=complaint):
        list(csv_rows([data]))
