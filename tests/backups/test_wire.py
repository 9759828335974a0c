"""Rows as lines: whatever a text holds comes out as it went in, and sums do not mind the order."""

from __future__ import annotations

import json
import re
from hashlib import md5
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from backups.wire import NULL, SEPARATOR, Checksum, Row, canonical_json, copy_block, line_of

# The characters that mean something to COPY or to us come often.
SPECIAL = st.sampled_from([SEPARATOR, NULL, "\x1d", "\\", "\n", "\r", "\t", "\\N", "\\.", "t", "é"])
TEXTS = st.lists(SPECIAL | st.characters(exclude_categories=["Cs"]), max_size=8).map("".join)
ROWS = st.lists(st.tuples(TEXTS, TEXTS | st.none(), st.none() | TEXTS), min_size=1, max_size=6)
UNESCAPED = {b"\\\\": b"\\", b"\\n": b"\n", b"\\r": b"\r", b"\\x1f": b"\x1f", b"\\x1e": b"\x1e"}


def read_as_copy_does(block: bytes) -> list[Row]:
    """PostgreSQL's rules for COPY's text format, in the words of its documentation."""
    assert block.endswith(b"\n")
    return [tuple(map(_value, line.split(b"\x1f"))) for line in block[:-1].split(b"\n")]


def _value(raw: bytes) -> str | None:
    if raw == b"\x1e":
        return None
    return re.sub(rb"\\(x1.|.)", lambda found: UNESCAPED[found[0]], raw).decode()


@given(ROWS)
def test_a_block_holds_the_rows_whatever_they_hold(rows: list[Row]) -> None:
    assert read_as_copy_does(copy_block(rows, Checksum())) == rows


@given(ROWS)
def test_a_block_counts_its_rows_into_the_checksum(rows: list[Row]) -> None:
    copied, added = Checksum(), Checksum()
    copy_block(rows, copied)
    added.add(map(line_of, rows))
    assert copied == added
    digests = [md5(line_of(row).encode(), usedforsecurity=False).hexdigest() for row in rows]
    assert copied == Checksum(len(rows), sum(int(digest[:15], 16) for digest in digests))


@given(ROWS, st.randoms())
def test_a_checksum_is_the_same_in_any_order_and_any_batches(rows: list[Row], dice: Any) -> None:
    whole, parts = Checksum(), Checksum()
    copy_block(rows, whole)
    dice.shuffle(rows)
    for row in rows:
        copy_block([row], parts)
    assert parts == whole


def test_a_checksum_of_nothing_is_zero() -> None:
    checksum = Checksum()
    checksum.add([])
    assert checksum == Checksum(0, 0)


def test_a_changed_lost_or_doubled_row_makes_another_checksum() -> None:
    rows: list[Row] = [("1", "one", None), ("2", "two", "")]
    sums = []
    for variant in (rows, rows[:1], [*rows, rows[0]], [rows[0], ("2", "two", None)]):
        checksum = Checksum()
        copy_block(variant, checksum)
        sums.append((checksum.rows, checksum.total))
    assert len(set(sums)) == 4


def test_json_is_printed_as_postgresql_does() -> None:
    text = '{"b":1,"aa":[1.50,2e3,-0.0,1E-7],"é":null,"a":{"x":"\\u00e9\\n","":true}}'
    assert canonical_json(text) == (
        '{"a": {"": true, "x": "é\\n"}, "b": 1, "aa": [1.50, 2000, 0.0, 0.0000001], "é": null}'
    )


@given(st.recursive(st.none() | st.integers() | TEXTS, st.lists) | st.dictionaries(TEXTS, TEXTS))
def test_json_means_the_same_after_it_was_printed(value: object) -> None:
    assert json.loads(canonical_json(json.dumps(value))) == value
