"""A whole file: header lines, separator, names of columns, HTML; and what the learner overrides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.importing.reading import NO_CHOICES, ROWS_MAX, Choices, read
from cards.importing.records import Record, Refusal


def cards(text: str | bytes, choices: Choices = NO_CHOICES) -> list[Record | Refusal]:
    data = text.encode() if isinstance(text, str) else text
    return list(read(data, choices).records(deck="D"))


def sides(text: str | bytes, choices: Choices = NO_CHOICES) -> list[tuple[str, str]]:
    return [(r.front, r.back) for r in cards(text, choices) if isinstance(r, Record)]


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a, b\tc\nd\te, f, g\n", "\t"),
        ("a,b\nc,d: e\nf,g\n", ","),
        ("a;b, c\nd;e\n", ";"),
        ("a|b\nc|d, e\n", "|"),
        ("a:b\nc:d\n", ":"),
        ("bright (a room); cheerful,x\ny; z,u\nv,w\n", ","),
        ("Hund - dog\nKatze - cat, kitten\nMaus - mouse\n", " - "),
    ],
)
def test_the_separator_is_the_one_that_makes_even_rows(text: str, separator: str) -> None:
    assert read(text.encode()).dialect.separator == separator


def test_anki_header_lines_are_honoured_whatever_their_case() -> None:
    text = (
        "\ufeff#SEPARATOR:Semicolon;;\n#html:false\n#tags:all of\n#deck:Main\n"
        "#GUID Column:1\n#notetype column:2\n#deck column:3\n#tags column:6\n"
        "#if matches:update current\nid-1;Basic;A::B;q;a;x y\nid-2;Basic;;r;b;\n"
    )
    reading = read(text.encode())
    assert reading.header.if_matches == "update"
    assert reading.header.deck == "Main"
    first, second = reading.records(deck="Main")
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert (first.front, first.back, first.guid) == ("q", "a", "id-1")
    assert (first.deck, first.tags) == ("A::B", " all of x y ")
    assert (second.deck, second.tags) == ("Main", " all of ")
    assert (first.line, second.line) == (10, 11)


def test_names_of_columns_may_stand_in_a_header_line() -> None:
    assert sides("#separator:Pipe\n#columns:Back|Front\none|two\n") == [("two", "one")]


def test_a_separator_of_several_characters_is_one_separator() -> None:
    assert sides("#separator:|||\nq4|||a4\n") == [("q4", "a4")]


def test_the_old_first_line_with_tags_is_known() -> None:
    (card,) = cards("tags: foo bar\nqq\taa\n")
    assert isinstance(card, Record)
    assert card.tags == " foo bar "


def test_a_comment_behind_a_header_is_told_and_without_a_header_it_is_a_card() -> None:
    found = cards("#separator:tab\nq\ta\n# later\tb\n")
    assert [type(item) for item in found] == [Record, Refusal]
    assert found[1] == Refusal(3, "comment", "")
    assert sides("#1 hit\tsong\nb\tc\n") == [("#1 hit", "song"), ("b", "c")]


def test_names_in_the_first_row_say_what_the_columns_are() -> None:
    text = "expression,reading,meaning,tags,guid\r\n青,あお,blue,N5 adj,=x+1\r\n"
    (card,) = cards(text)
    assert isinstance(card, Record)
    assert (card.front, card.back) == ("青", "あお\n\nblue")
    assert (card.tags, card.guid, card.line) == (" N5 adj ", "=x+1", 2)


def test_a_first_row_without_known_names_is_a_card_until_the_learner_says_otherwise() -> None:
    text = "country,capital\nChad,N'Djamena\n"
    assert sides(text)[0] == ("country", "capital")
    assert sides(text, Choices(names=True)) == [("Chad", "N'Djamena")]


def test_html_is_noticed_or_declared_and_can_be_refused() -> None:
    assert sides("<i>it</i>\tx\n") == [("*it*", "x")]
    assert sides("#html:true\n<b>x</b> &amp; y\tz<br>w\n") == [("**x** & y", "z\nw")]
    assert sides("<i>it</i>\tx\n", Choices(html=False)) == [("<i>it</i>", "x")]
    assert sides("#html:false\n<i>it</i>\tx\n") == [("<i>it</i>", "x")]


def test_the_learner_decides_about_encoding_separator_quotes_and_columns() -> None:
    data = "мир;peace\n".encode("cp1251")
    assert sides(data, Choices(encoding="cp1251")) == [("мир", "peace")]
    chosen = Choices(encoding="cp1251", columns=("back", "front"))
    assert sides(data, chosen) == [("peace", "мир")]
    assert sides("a-b;c-d", Choices(separator="-", cards=";")) == [("a", "b"), ("c", "d")]
    assert sides('"a" b\tc\n', Choices(quoted=False)) == [('"a" b', "c")]


def test_columns_chosen_for_another_number_of_columns_are_found_anew() -> None:
    assert sides("a\tb\n", Choices(columns=("back", "front", "tags"))) == [("a", "b")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"a\tb\nc\x00\td\n", "nul"),
        ("ä".encode() * 30 + b"\tb\n\xff\td\n", "unreadable"),
        (b"a\tb\n\td\n", "front_empty"),
        (b"a\tb\n   \td\n", "front_empty"),
        (b"a\tb\n" + b"x" * 20_001 + b"\td\n", "front_long"),
        (b"a\tb\nx\t" + b"y" * 100_001 + b"\n", "back_long"),
        (b'a\tb\n"x\ty\n', "quote"),
        (b"front,tags\na,b\nc," + b"t" * 101 + b"\n", "tag_long"),
        (b"front,tags\na,b\nc," + b"".join(b"t%d " % n for n in range(500)) + b"\n", "tags_long"),
        (b"front,deck\na,b\nc," + b"t" * 201 + b"\n", "deck_long"),
        (b"front,guid\na,b\nc," + b"t" * 65 + b"\n", "guid_long"),
        (b"front,box\na,1\nc,x\n", "box"),
        (b"front,box\na,1\nc,0\n", "box"),
        (b"front,due\na,2026-01-01\nc,soon\n", "due"),
        (b"front,suspended\na,1\nc,perhaps\n", "suspended"),
        (b"front,created\na,2026-01-01\nc,0001-01-01T00:00:00+23:59\n", "instant"),
    ],
)
def test_a_row_that_cannot_be_a_card_is_refused_alone(data: bytes, reason: str) -> None:
    found = cards(data)
    refused = [item for item in found if isinstance(item, Refusal)]
    assert [item.reason for item in refused] == [reason]
    assert len(found) == 2
    assert found[1] is refused[0]


@pytest.mark.parametrize("link", ["javascript:alert(1)", "p. 45", "https://", "data:text/html,x"])
def test_a_link_that_is_none_is_left_out_and_noted(link: str) -> None:
    (card,) = cards(f"front,link\na,{link}\n")
    assert isinstance(card, Record)
    assert (card.link, card.notes) == ("", ["link"])


def test_a_tag_with_a_comma_behind_it_is_the_tag() -> None:
    (card,) = cards('front,tags\na,"UG::Europe, UG::State"\n')
    assert isinstance(card, Record)
    assert card.tags == " UG::Europe UG::State "


def test_cells_beyond_the_columns_are_noted() -> None:
    text = "a\tb\n" * 250 + "c\td\te\n"
    last = cards(text)[-1]
    assert isinstance(last, Record)
    assert last.notes == ["extra"]


def test_a_file_without_cards_says_so() -> None:
    assert read(b"").problems == ["empty"]
    assert read(b"#separator:tab\n").problems == ["empty"]
    assert read(b"a\tb\n", Choices(columns=("back", "back"))).problems == ["front"]
    assert read(b"a\tb\n", Choices(columns=("front", "front"))).problems == []
    assert read(b"a\tb\tc\n", Choices(columns=("front", "deck", "deck"))).problems == ["twice"]


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04\x14\x00collection.anki2",
        b"SQLite format 3\x00",
        bytes(range(256)) * 4,
        b"\0" * 99,
    ],
)
def test_what_is_no_text_is_refused_as_a_whole(data: bytes) -> None:
    assert read(data).problems == ["binary"]


def test_more_rows_than_anyone_learns_are_refused_with_the_line() -> None:
    found = list(read(b"a\tb\n" * (ROWS_MAX + 3)).rows())
    assert len(found) == ROWS_MAX + 1
    assert (found[-1].line, found[-1].problem) == (ROWS_MAX + 1, "more")


words = st.none() | st.text(max_size=3)


@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: text.encode("utf-8", "ignore")),
    words,
    words,
    st.sampled_from([None, "utf-16-le", "shift_jis"]),
)
def test_no_file_and_no_choice_makes_the_reading_fail(
    data: bytes, separator: str | None, between: str | None, encoding: str | None
) -> None:
    chosen = Choices(encoding=encoding, separator=separator, cards=between, html=True)
    for item in cards(data, chosen):
        if isinstance(item, Record):
            (item.front + item.back + item.tags + item.deck).encode()
            assert item.front.strip()
