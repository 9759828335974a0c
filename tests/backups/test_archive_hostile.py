"""Archives made to do harm fill no memory, take no time, and are one sentence."""

from __future__ import annotations

import re
import struct
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backups.archives import csv_text
from backups.archives.archive import ArchiveError, Reader
from backups.archives.csv_text import CsvError, csv_rows
from backups.archives.manifest import MANIFEST
from tests.backups.test_archive import CARDS, refused, told, written

MEGABYTE = 2**20


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.usefixtures("traced")
def test_packings_that_unpack_all_at_once_are_refused_unread(tmp_path: Path, packing: int) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", packing) as file:
        file.writestr(MANIFEST, b" " * 64 * MEGABYTE)
    tracemalloc.reset_peak()
    refused(path, "packed in a way")
    assert tracemalloc.get_traced_memory()[1] < MEGABYTE


def test_a_file_that_zip_and_manifest_both_name_twice_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.zip")
    with zipfile.ZipFile(path) as file:
        tables = {name: file.read(name) for name in file.namelist() if name != MANIFEST}
    member = {
        "table": "cards_card", "columns": ["id", "front"], "rows": 2, "bytes": len(CARDS),
        "sha256": "dd" * 32,
    }  # fmt: skip
    path = told(path, tables=[member, member])
    with zipfile.ZipFile(path) as file:
        manifest = file.read(MANIFEST)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("cards_card.csv", tables["cards_card.csv"])
        with pytest.warns(UserWarning, match="Duplicate name"):
            file.writestr("cards_card.csv", tables["cards_card.csv"])
        file.writestr(MANIFEST, manifest)
    refused(path, "a file twice")


def test_more_rows_than_bytes_are_a_lie(tmp_path: Path) -> None:
    member = {
        "table": "cards_card", "columns": ["id"], "rows": 10**30, "bytes": 5, "sha256": "dd" * 32
    }  # fmt: skip
    refused(told(written(tmp_path / "a.zip"), tables=[member]), "more rows than bytes")


class Looks:
    """In the place of the pattern: counts the letters that it is asked to look at."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern, self.letters = pattern, 0

    def match(self, text: str, start: int) -> Any:
        self.letters += len(text) - start
        return self.pattern.match(text, start)


def test_a_long_value_is_looked_at_a_few_times_only(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks(csv_text._FIELD)
    monkeypatch.setattr(csv_text, "_FIELD", looks)
    pieces = [b'"', *[b"x" * 1_000] * 1_000, b'"\r\n']
    assert list(csv_rows(pieces)) == [["x" * 1_000_000]]
    assert looks.letters < 4_000_000


@pytest.mark.usefixtures("traced")
def test_a_value_of_quotes_alone_takes_no_more_memory_than_others() -> None:
    ((value,),) = csv_rows([b'"', b'""' * MEGABYTE, b'"\r\n'])
    assert value == '"' * MEGABYTE
    assert tracemalloc.get_traced_memory()[1] < 16 * MEGABYTE


def test_a_value_without_end_is_given_up() -> None:
    with pytest.raises(CsvError, match="a value in row 2 is longer than 5,000 letters"):
        list(csv_rows([b"a\r\n", b'"', *[b"x" * 1_000] * 1_000], letters_max=5_000))


def test_a_row_of_very_many_values_is_given_up() -> None:
    with pytest.raises(CsvError, match="row 1 has more than 1,000 values"):
        list(csv_rows([b"," * 5_000]))


UNSPEAKABLE = {
    "an owner with half a character": {"owner": "\ud800@example.org"},
    "an owner with NUL": {"owner": "a\0@example.org"},
    "a migration with half a character": {"migrations": {"cards": "\udfff"}},
    "an app with half a character": {"migrations": {"\ud800": "0001"}},
    "a key with half a character": {"\ud800": 1},
    "a very long key": {"x" * 100_000: 1},
    "a colour for the terminal": {"left_out": ["\x1b[31m"]},
    "columns with half a character": {
        "tables": [{"table": "a", "columns": ["\ud800"], "rows": 0, "bytes": 0, "sha256": ""}]
    },
}


@pytest.mark.parametrize("instead", UNSPEAKABLE.values(), ids=list(UNSPEAKABLE))
def test_what_a_manifest_tells_can_be_told_on(tmp_path: Path, instead: dict[str, Any]) -> None:
    path = told(written(tmp_path / "a.zip"), **instead)
    with pytest.raises(ArchiveError) as caught:
        Reader(path)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("offset", [2**62, 2**63 - 1, 2**63, 2**64 - 1])
def test_a_file_that_lies_outside_of_all_numbers_is_damage(tmp_path: Path, offset: int) -> None:
    path = written(tmp_path / "a.zip")
    data = bytearray(path.read_bytes())
    entry, end = data.index(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    name, extra = struct.unpack_from("<HH", data, entry + 28)
    far = struct.pack("<HHQ", 1, 8, offset)  # zip64: where the file begins.
    (size,) = struct.unpack_from("<L", data, end + 12)
    struct.pack_into("<L", data, end + 12, size + len(far))
    struct.pack_into("<H", data, entry + 30, extra + len(far))
    struct.pack_into("<L", data, entry + 42, 0xFFFFFFFF)
    place = entry + 46 + name + extra
    path.write_bytes(bytes(data[:place]) + far + bytes(data[place:]))
    refused(path, "damaged")
