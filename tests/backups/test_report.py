"""What was read, written, mended and set aside, for people and for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping

from backups.report import Report


class Kept:
    """Remembers what was set aside."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str, Mapping[str, object]]] = []

    def add(self, table: str, row_id: str, reason: str, row: Mapping[str, object]) -> None:
        self.rows.append((table, row_id, reason, row))

    def keep(self) -> None: ...
    def discard(self) -> None: ...


def report_of_a_day() -> tuple[Report, Kept]:
    kept = Kept()
    report = Report("legacy", kept)
    report.read("users", 2)
    report.read("cards", 1200)
    for number in range(7):
        report.mended("cards", number, ["The box was above 5; it is 5."])
    report.reject("cards", 9, "It belongs to nobody.", {"id": 9, "title": "Two Sum"})
    report.counts("users").written = 2
    report.counts("cards").written = 1199
    report.notes.append("The column difficulty is not known here.")
    return report, kept


def test_what_is_set_aside_goes_on_with_its_reason_and_everything_it_held() -> None:
    report, kept = report_of_a_day()
    assert kept.rows == [("cards", "9", "It belongs to nobody.", {"id": 9, "title": "Two Sum"})]
    assert report.rejected == 1


def test_a_rule_is_told_once_with_the_first_rows() -> None:
    report, _ = report_of_a_day()
    text = report.as_text()
    assert "7 of cards: The box was above 5; it is 5. (id 0, 1, 2, 3, 4, ...)" in text
    assert "1 of cards: It belongs to nobody. (id 9)" in text
    assert "The column difficulty is not known here." in text


def test_the_numbers_stand_in_a_table() -> None:
    report, _ = report_of_a_day()
    lines = [line.split() for line in report.as_text().splitlines()]
    assert lines[0] == ["read", "written", "mended", "rejected", "seconds"]
    assert lines[1] == ["users", "2", "2", "0", "0", "0.0"]
    assert lines[2] == ["cards", "1,200", "1,199", "7", "1", "0.0"]


def test_machines_read_the_same() -> None:
    report, _ = report_of_a_day()
    said = json.loads(json.dumps(report.as_json()))
    assert said["source"] == "legacy"
    assert said["tables"]["cards"] == {
        "read": 1200,
        "written": 1199,
        "mended": 7,
        "rejected": 1,
        "merged": 0,
    }
    assert said["set_aside"][0]["examples"] == ["9"]
