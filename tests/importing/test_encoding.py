"""Encodings are found, and bytes that mean nothing are marked, never guessed."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.importing.encoding import ENCODINGS, UNREADABLE, detect, open_text

TEXT = "Straße\tstreet\r\ncafé – “quoted”\tCafé\r\n"


@pytest.mark.parametrize(
    ("encoded", "name"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("cp1252"), "cp1252"),
    ],
)
def test_the_usual_encodings_are_found_with_and_without_a_mark(encoded: bytes, name: str) -> None:
    assert detect(encoded) == name
    assert open_text(encoded, name).read() == TEXT


def test_japanese_utf_16_without_a_mark_is_found_by_its_tabs_and_line_ends() -> None:
    text = "青い空\tあおいそら\n赤い花\tあかいはな\n" * 20
    assert detect(text.encode("utf-16-le")) == "utf-16-le"
    assert detect(text.encode("utf-16-be")) == "utf-16-be"


def test_a_stray_nul_does_not_make_a_file_utf_16() -> None:
    assert detect(b"a\tb\n" * 50 + b"c\x00\td\n") == "utf-8"


def test_one_damaged_byte_among_many_letters_does_not_change_the_encoding() -> None:
    data = "äöü ß\tx\n".encode() * 20 + b"\xff\ty\n"
    assert detect(data) == "utf-8"
    assert open_text(data, "utf-8").read().count(UNREADABLE) == 1


def test_a_cut_or_lone_half_of_a_pair_is_marked() -> None:
    assert UNREADABLE in open_text(b"a\x00\x00\xd8b\x00", "utf-16-le").read()
    assert open_text("😀".encode()[:2], "utf-8").read() == UNREADABLE


@given(st.binary(max_size=300), st.sampled_from(ENCODINGS))
def test_no_bytes_make_the_decoding_fail(data: bytes, encoding: str) -> None:
    assert detect(data) in ENCODINGS
    text = open_text(data, encoding).read()
    text.replace(UNREADABLE, "").encode()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_text_in_utf_8_with_a_mark_comes_back(text: str) -> None:
    assert open_text(codecs.BOM_UTF8 + text.encode(), "utf-8").read() == text
