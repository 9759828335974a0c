"""What an archive says about itself: its manifest, and what can be wrong with one.

Pure: standard library only. Nothing in it is believed before it was looked at.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field

from backups.sentences import Detail, Told, gettext_noop

FORMAT = 1
MANIFEST = "manifest.json"
# A manifest names some twenty tables; whatever is larger is none.
MANIFEST_MAX = 1_000_000
# So many letters of what is wrong with one are told.
_WHY_MAX = 200
# Control characters and halves of characters, which neither pages nor databases take.
_UNTOLD = {"Cc", "Cs"}
_FILE_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}\.csv")
_EXTRA_NAME = re.compile(r"[a-z]{1,30}\.json")


class ArchiveError(Told):
    """This is no archive of ours, or it is damaged; the message is one sentence for people."""


@dataclass(frozen=True, slots=True)
class Member:
    """One table's file: `bytes` and `sha256` of the CSV text before compression."""

    table: str
    columns: list[str]
    rows: int
    bytes: int
    sha256: str

    @property
    def file(self) -> str:
        return f"{self.table}.csv"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds. `snapshot` is the instant (ISO, UTC) at which all of it was so."""

    app_version: str
    migrations: dict[str, str]
    database: str
    snapshot: str
    tables: list[Member]
    format: int = FORMAT
    # One learner's address when the archive holds that learner's data only.
    owner: str | None = None
    # Tables and columns ("table.column") that such an archive does not tell of.
    left_out: list[str] = field(default_factory=list)
    # Small files for people, and the sha256 of each.
    extras: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(member.rows for member in self.tables)


def parse_manifest(text: bytes, name: object) -> Manifest:
    """The manifest; ArchiveError for anything that is not one, or of a newer format."""
    try:
        said = json.loads(text)
        version = said["format"]
        if type(version) is not int or version < 1:
            raise ValueError(f"format {version!r}")
        if version > FORMAT:
            raise ArchiveError(
                gettext_noop(
                    "%(name)s has format %(theirs)s, and this Leitner reads up to %(ours)s. "
                    "Leitner must be updated first."
                ),
                name=name,
                theirs=version,
                ours=FORMAT,
            )
        manifest = Manifest(**{**said, "tables": [Member(**table) for table in said["tables"]]})
        _check_manifest(manifest)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        why = str(error).encode("ascii", "backslashreplace").decode()[:_WHY_MAX]
        odd = gettext_noop("%(name)s has a %(file)s that cannot be understood%(why)s.")
        raise ArchiveError(odd, name=name, file=MANIFEST, why=Detail(why)) from error
    return manifest


def _check_manifest(manifest: Manifest) -> None:
    """ValueError when something in it is of another kind than it should be."""
    migrations, extras = manifest.migrations, manifest.extras
    if not all(isinstance(each, dict) for each in (migrations, extras)):
        raise ValueError("migrations and extras must be objects")
    texts = [manifest.app_version, manifest.database, manifest.snapshot, manifest.owner or ""]
    texts += [*migrations, *migrations.values(), *extras.values(), *manifest.left_out]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("what it tells must be texts")
    _check_letters(texts)
    if odd := [name for name in extras if not _EXTRA_NAME.fullmatch(name)]:
        raise ValueError(f"{odd[0]!r} is no name of such a file")
    for member in manifest.tables:
        _check_member(member)


def _check_member(member: Member) -> None:
    texts = [member.table, member.sha256, *member.columns]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("names must be texts")
    _check_letters(texts)
    if not all(type(number) is int and number >= 0 for number in (member.rows, member.bytes)):
        raise ValueError(f"the numbers of {member.table} are none")
    # Bytes are counted; so rows are no larger number than a database can keep either.
    if member.rows > member.bytes:
        raise ValueError(f"{member.table} has more rows than bytes")
    if not _FILE_NAME.fullmatch(member.file):
        raise ValueError(f"{member.table!r} is no table's name")


def _check_letters(texts: list[str]) -> None:
    """What stands in sentences later on can be shown and stored."""
    for text in texts:
        if any(unicodedata.category(letter) in _UNTOLD for letter in text):
            raise ValueError(f"{text[:40]!r} holds characters that cannot be shown")
