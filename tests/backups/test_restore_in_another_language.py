"""Whatever is wrong with a learner's file, the page says it in the learner's language."""

from __future__ import annotations

import ast
import errno
import html
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from accounts.models import User
from backups import views
from backups.restores import own_file
from backups.runs.lock import hold
from backups.sinks.bringing_back import BringingBack
from backups.tables import tables
from cards.models import Deck
from tests import pseudo
from tests.backups.own_data import changed, file_of, furnish, whole_archive, with_value
from tests.backups.test_restore_hostile import BAD, MANIFESTS, twice

pytestmark = pytest.mark.django_db(transaction=True)
# Names of tables, columns and files are the same in every language.
NAMES = {"manifest.json", "settings.json"}
NAMES |= {name for table in tables() for name in (table.name, f"{table.name}.csv")}
NAMES |= {column.name for table in tables() for column in table.columns}


@pytest.fixture
def mine(alice: User, charlie: User, tmp_path: Path) -> Path:
    furnish(alice)
    path = file_of(alice, tmp_path)
    Deck.objects.filter(owner=alice).delete()
    return path


@pytest.fixture(autouse=True)
def _other_language(monkeypatch: pytest.MonkeyPatch) -> None:
    pseudo.speak(monkeypatch)


# Where the sentences of such pages are made.
MODULES = (
    *("archives/archive", "archives/csv_text", "archives/manifest", "own/own_rows"),
    *("restores/own_file", "sinks/bringing_back", "sinks/comparing", "sinks/merging"),
    *("sinks/previewing", "sinks/refusals", "sinks/staging", "sources/archive"),
    *("sources/older_archive", "sources/one_learner", "wire_forms"),
)
ERRORS = {"TransferError", "OutcomeUnknown", "ArchiveError", "CsvError"}


@pytest.mark.parametrize("module", MODULES)
def test_every_sentence_of_an_error_is_marked_for_translators(module: str) -> None:
    """Also those that no file here provokes."""
    path = pseudo.ROOT / "backups" / f"{module}.py"
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ERRORS:
            text = node.args[0]
            assert not isinstance(text, ast.Constant | ast.JoinedStr), ast.unparse(node)


def complaint(client: Client, content: bytes) -> str:
    """What stands at the field when this is uploaded."""
    file = SimpleUploadedFile("mine.zip", content, "application/zip")
    page = client.post(reverse("backups:restore"), {"file": file})
    assert page.status_code == 422
    (said,) = page.context["form"].errors["file"]
    assert html.escape(said) in page.content.decode()
    return str(said)


@pytest.mark.parametrize(("table", "column", "value"), BAD.values(), ids=list(BAD))
def test_a_bad_value(
    alice_client: Client, mine: Path, table: str, column: str, value: str | None
) -> None:
    said = complaint(alice_client, changed(mine, with_value(table, column, value)).read_bytes())
    said = re.sub(r"'.*?'", "", said)  # What the file holds is quoted as it is.
    assert pseudo.english(said) <= NAMES


@pytest.mark.parametrize("table", ["accounts_user", "cards_card", "cards_review", "cards_deck"])
def test_the_same_row_twice(alice_client: Client, mine: Path, table: str) -> None:
    assert (
        pseudo.english(complaint(alice_client, changed(mine, twice(table)).read_bytes())) <= NAMES
    )


def with_manifest(path: Path, **other: Any) -> bytes:
    """The file with another manifest."""
    target = path.with_name("other.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for each in old.namelist():
            data = old.read(each)
            if each == "manifest.json":
                data = json.dumps(json.loads(data) | other).encode()
            new.writestr(each, data)
    return target.read_bytes()


def with_table(path: Path, name: str, **other: Any) -> bytes:
    """The file whose manifest says something else of one table."""
    with zipfile.ZipFile(path) as file:
        told = json.loads(file.read("manifest.json"))["tables"]
    return with_manifest(
        path, tables=[each | (other if each["table"] == name else {}) for each in told]
    )


def with_text(path: Path, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The file with another text in one of its files, which the manifest knows nothing of."""
    target = path.with_name("text.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for each in old.namelist():
            data = old.read(each)
            new.writestr(each, change(data) if each == name else data)
    return target.read_bytes()


def without(path: Path, name: str) -> bytes:
    target = path.with_name("without.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for each in old.namelist():
            if each != name:
                new.writestr(each, old.read(each))
    return target.read_bytes()


def packed(path: Path) -> bytes:
    target = path.with_name("packed.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_BZIP2) as new:
        for each in old.namelist():
            new.writestr(each, old.read(each))
    return target.read_bytes()


def very_many(path: Path) -> bytes:
    target = path.with_name("many.zip")
    with zipfile.ZipFile(target, "w") as file:
        for number in range(200):
            file.writestr(str(number), "")
    return target.read_bytes()


DAMAGED: dict[str, Callable[[Path], bytes]] = {
    "no zip": lambda path: b"no zip",
    "cut off": lambda path: path.read_bytes()[:-30],
    "a text that was changed": lambda path: with_text(path, "cards_card.csv", bytes.upper),
    "settings that were changed": lambda path: with_text(path, "settings.json", bytes.upper),
    "no manifest": lambda path: without(path, "manifest.json"),
    "a manifest that is too large": lambda path: with_text(
        path, "manifest.json", lambda data: data + b" " * 1_000_000
    ),
    "a file that is missing": lambda path: without(path, "cards_tag.csv"),
    "packed in another way": packed,
    "very many files": very_many,
    "a newer format": lambda path: with_manifest(path, format=2),
    "a newer release": lambda path: with_manifest(path, migrations={"cards": "9999_new"}),
    "tables that are missing": lambda path: with_manifest(
        changed(path, lambda *_: _[2]),
        migrations={"backups": "0001_initial", "cards": "0001_initial"},
    ),
    "an unknown column": lambda path: with_table(path, "cards_tag", columns=["id", "colour"]),
    "no key": lambda path: with_table(path, "cards_tag", columns=["name"]),
    "other columns": lambda path: with_table(path, "cards_tag", columns=["id", "name"]),
    "more rows": lambda path: with_table(path, "cards_tag", rows=5),
    **{
        f"a manifest with odd {name}": lambda path, name=name: with_manifest(  # type: ignore[misc]
            path, **{name: MANIFESTS[name]}
        )
        for name in MANIFESTS
    },
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=list(DAMAGED))
def test_a_damaged_file(alice_client: Client, mine: Path, damage: Callable[[Path], bytes]) -> None:
    said = complaint(alice_client, damage(mine))
    assert pseudo.english(said) - {"colour"} <= NAMES


def test_a_file_of_the_whole_site_and_one_that_is_too_large(
    alice_client: Client, mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not pseudo.english(complaint(alice_client, whole_archive(tmp_path).read_bytes()))
    monkeypatch.setattr(own_file, "UNPACKED_MAX", 1_000)
    assert not pseudo.english(complaint(alice_client, mine.read_bytes()))


def test_somebody_who_does_it_twice_at_once(alice: User, alice_client: Client, mine: Path) -> None:
    with hold("default", alice.pk):
        assert not pseudo.english(complaint(alice_client, mine.read_bytes()))


def failing(error: Exception) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_a_disk_that_is_full(
    alice_client: Client, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(own_file, "_check_size", failing(error))
    assert not pseudo.english(complaint(alice_client, mine.read_bytes()))
    monkeypatch.setattr(views, "my_data", failing(error))
    page: Any = alice_client.post(reverse("backups:download"), follow=True)
    (message,) = page.context["messages"]
    assert not pseudo.english(str(message))


def test_a_database_that_stops_it(
    alice_client: Client, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BringingBack, "finish", failing(OperationalError("disk is full")))
    assert not pseudo.english(complaint(alice_client, mine.read_bytes()))
