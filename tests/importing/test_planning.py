"""What an import would do with each row."""

from __future__ import annotations

from cards.importing.planning import Known, key, plan, survey
from cards.importing.records import Record, Refusal


def test_the_same_front_in_the_same_deck_is_the_same_card_however_it_is_written() -> None:
    known = Known(fronts={key("D", "Café"): 7})
    same = Record(1, " Cafe\u0301 ", deck="D")
    other_deck = Record(2, "Café", deck="E")
    other_case = Record(3, "café", deck="D")
    steps = list(plan([same, other_deck, other_case], known))
    assert [(step.kind, step.card_id) for step in steps] == [
        ("duplicate", 7),
        ("new", 0),
        ("new", 0),
    ]


def test_a_guid_decides_alone() -> None:
    known = Known(guids={"g": 5}, fronts={key("D", "a"): 6})
    found = Record(1, "changed", deck="D", guid="g")
    twin = Record(2, "a", deck="D", guid="h")
    steps = list(plan([found, twin], known))
    assert [(step.kind, step.card_id) for step in steps] == [("duplicate", 5), ("new", 0)]
    assert steps[1].notes == ["same_front"]


def test_repetitions_in_the_file_name_the_line_they_repeat() -> None:
    records = [
        Record(1, "a", deck="D"),
        Record(2, "a", deck="D"),
        Record(3, "b", deck="D", guid="g"),
        Record(4, "c", deck="D", guid="g"),
        Record(5, "b", deck="D"),
    ]
    steps = list(plan(records, Known()))
    assert [(step.kind, step.first_line) for step in steps] == [
        ("new", 0),
        ("repeated", 1),
        ("new", 0),
        ("repeated", 3),
        ("repeated", 3),
    ]


def test_one_card_is_never_matched_twice() -> None:
    known = Known(guids={"g": 5}, fronts={key("D", "old"): 5})
    records = [Record(1, "new words", deck="D", guid="g"), Record(2, "old", deck="D")]
    assert [step.kind for step in plan(records, known)] == ["duplicate", "repeated"]


def test_the_same_link_is_pointed_out() -> None:
    link = "https://example.org/a"
    known = Known(links={key("D", link)})
    (step,) = plan([Record(1, "a", link=link, deck="D")], known)
    assert (step.kind, step.notes) == ("new", ["same_link"])


def test_a_survey_counts_all_and_shows_some() -> None:
    refusals = [Refusal(line, "quote") for line in range(1, 700)]
    found = survey(plan([*refusals, Record(700, "a")], Known()))
    assert (found.counts["refused"], len(found.refused)) == (699, 500)
    assert (found.counts["new"], found.total) == (1, 700)
