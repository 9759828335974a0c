"""An archive gives back what was put in, or says in a sentence why it is none."""

from __future__ import annotations

import contextlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backups.archives.archive import ArchiveError, Manifest, Reader, Writer
from backups.archives.manifest import FORMAT, MANIFEST

CARDS = b"id,front\r\n1,uno\r\n2,dos\r\n"
USERS = b"id,email\r\n1,alice@example.org\r\n"


def written(path: Path) -> Path:
    """An archive of two tables."""
    writer = Writer(path)
    for name, data, rows in [("accounts_user", USERS, 1), ("cards_card", CARDS, 2)]:
        with writer.table(name, ["id", "front"]) as (file, counted):
            file.write(data)
            counted.append(rows)
    writer.close(
        Manifest("0.1.0", {"cards": "0002"}, "sqlite", "2026-01-06T09:40:00Z", writer.members)
    )
    return path


def changed(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The same archive after somebody has rewritten what is in it; sizes and CRCs are right."""
    with zipfile.ZipFile(path) as old:
        files = {name: old.read(name) for name in old.namelist()}
    change(files)
    path.unlink()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in files.items():
            new.writestr(name, data)
    return path


def told(path: Path, **instead: Any) -> Path:
    """The same archive with another manifest."""

    def change(files: dict[str, bytes]) -> None:
        manifest = json.loads(files[MANIFEST])
        files[MANIFEST] = json.dumps(manifest | instead).encode()

    return changed(path, change)


def read(path: Path) -> list[bytes]:
    with Reader(path) as reader:
        return [b"".join(reader.chunks(member)) for member in reader.manifest.tables]


def refused(path: Path, complaint: str) -> None:
    with pytest.raises(ArchiveError, match=complaint), Reader(path) as reader:
        reader.check()


def test_what_was_put_in_comes_out_with_its_numbers(tmp_path: Path) -> None:
    path = written(tmp_path / "a.zip")
    assert read(path) == [USERS, CARDS]
    with Reader(path) as reader:
        reader.check()
        assert reader.manifest.rows == 3
        assert reader.manifest.tables[1].bytes == len(CARDS)
        assert reader.manifest.tables[1].file == "cards_card.csv"
        assert reader.manifest.snapshot == "2026-01-06T09:40:00Z"


def test_one_without_a_manifest_was_never_finished(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "a.zip")
    with writer.table("cards_card", ["id"]) as (file, _):
        file.write(CARDS)
    writer.abandon()
    refused(tmp_path / "a.zip", "never finished")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_flipped_bit_or_a_cut_is_noticed(tmp_path: Path, data: st.DataObject) -> None:
    (tmp_path / "a.zip").unlink(missing_ok=True)
    whole = written(tmp_path / "a.zip")
    content = bytearray(whole.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        del content[place:]
    else:
        content[place] ^= 1 << data.draw(st.integers(0, 7))
    whole.write_bytes(content)
    found: list[bytes] | None = None
    with contextlib.suppress(ArchiveError):
        found = read(whole)
    assert found in (None, [USERS, CARDS])  # A bit may say nothing: a date, a version.


def test_bytes_other_than_the_manifest_says_are_damage(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        files["cards_card.csv"] = CARDS.replace(b"dos", b"DOS")

    refused(changed(written(tmp_path / "a.zip"), change), "cards_card.csv is not what")


def test_a_bomb_is_read_no_further_than_the_manifest_says(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        files["cards_card.csv"] = bytes(50_000_000)

    path = changed(written(tmp_path / "a.zip"), change)
    taken: list[bytes] = []
    with Reader(path) as reader:
        chunks = reader.chunks(reader.manifest.tables[1])
        with pytest.raises(ArchiveError, match="not what the manifest says"):
            taken.extend(chunks)
    assert len(b"".join(taken)) < 1_000_000


@pytest.mark.parametrize("name", ["../evil.csv", "/etc/passwd", "cards_card.csv.exe"])
def test_files_that_the_manifest_does_not_name_are_refused(tmp_path: Path, name: str) -> None:
    def change(files: dict[str, bytes]) -> None:
        files[name] = b"x"

    refused(changed(written(tmp_path / "a.zip"), change), "does not hold the files")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        del files["cards_card.csv"]

    refused(changed(written(tmp_path / "a.zip"), change), "cards_card.csv")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("cards_card.csv", CARDS)
    refused(path, "a file twice")


def test_a_newer_format_asks_for_an_update(tmp_path: Path) -> None:
    path = told(written(tmp_path / "a.zip"), format=FORMAT + 1)
    refused(path, f"format {FORMAT + 1}.*must be updated first")


@pytest.mark.parametrize(
    "instead",
    [
        {"format": "1"},
        {"format": True},
        {"format": 0},
        {"tables": None},
        {"tables": [{"table": "cards_card"}]},
        {"unknown": 1},
        {
            "tables": [
                {"table": "../x", "columns": [], "rows": 0, "bytes": 0, "sha256": ""},
            ]
        },
        {
            "tables": [
                {"table": "cards_card", "columns": [], "rows": -1, "bytes": 0, "sha256": ""},
            ]
        },
    ],
)
def test_a_manifest_that_lies_or_babbles_is_not_believed(
    tmp_path: Path, instead: dict[str, Any]
) -> None:
    refused(told(written(tmp_path / "a.zip"), **instead), "cannot be understood")


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all" * 100])
def test_what_is_no_zip_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    refused(path, "damaged or no backup")


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    refused(tmp_path / "a.zip", "There is no file")
