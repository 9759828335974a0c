"""An archive: a zip of CSV files, one a table, and `manifest.json`, which says what is in them.

Pure: standard library only. Written once from front to back, read in constant memory; nothing that
an archive says about itself is believed before it was counted.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any

FORMAT = 1
MANIFEST = "manifest.json"
# A manifest names some twenty tables; whatever is larger is none.
MANIFEST_MAX = 1_000_000
CHUNK = 256 * 1024
_FILE_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}\.csv")
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    UnicodeDecodeError,
)


class ArchiveError(Exception):
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

    @property
    def rows(self) -> int:
        return sum(member.rows for member in self.tables)


@dataclass(slots=True)
class Counted:
    """A file that counts and hashes what is written to it."""

    out: IO[bytes]
    size: int = 0
    hash: Any = field(default_factory=hashlib.sha256)

    def write(self, data: bytes) -> int:
        self.size += len(data)
        self.hash.update(data)
        return self.out.write(data)


class Writer:
    """Writes an archive to `path`, over what is there; complete only after `close`."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self.members: list[Member] = []

    @contextmanager
    def table(self, name: str, columns: list[str]) -> Iterator[tuple[Counted, list[int]]]:
        """A file to write CSV bytes to, and a list to append the number of rows to."""
        rows: list[int] = []
        with self._zip.open(f"{name}.csv", "w", force_zip64=True) as out:
            counted = Counted(out)
            yield counted, rows
        digest = counted.hash.hexdigest()
        self.members.append(Member(name, columns, sum(rows), counted.size, digest))

    def close(self, manifest: Manifest) -> None:
        """The manifest is the last thing written: an archive without it is none."""
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
        self._zip.writestr(MANIFEST, text)
        self._zip.close()

    def abandon(self) -> None:
        self._zip.close()


class Reader:
    """Reads the archive at `path`. ArchiveError when it is none, damaged, or of a newer format."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._damage():
            self._zip = zipfile.ZipFile(path)
        try:
            self.manifest = self._read_manifest()
            self._compare_names()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    def chunks(self, member: Member) -> Iterator[bytes]:
        """The member's bytes. ArchiveError, at the latest at the end, when they are not the ones
        that the manifest tells of; never more bytes than it tells of (zip bombs)."""
        digest, size = hashlib.sha256(), 0
        with self._damage(), self._zip.open(member.file) as file:
            while chunk := file.read(CHUNK):
                size += len(chunk)
                if size > member.bytes:
                    break
                digest.update(chunk)
                yield chunk
        if size != member.bytes or digest.hexdigest() != member.sha256:
            raise ArchiveError(
                f"{self.path.name} is damaged: {member.file} is not what the manifest says."
            )

    def check(self) -> None:
        """Read everything once; ArchiveError when anything is not as the manifest says."""
        for member in self.manifest.tables:
            for _ in self.chunks(member):
                pass

    @contextmanager
    def _damage(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise ArchiveError(f"There is no file {self.path}.") from None
        except _DAMAGE as error:
            raise ArchiveError(
                f"{self.path.name} is damaged or no backup of Leitner ({error})."
            ) from error

    def _read_manifest(self) -> Manifest:
        with self._damage():
            try:
                with self._zip.open(MANIFEST) as file:
                    text = file.read(MANIFEST_MAX + 1)
            except KeyError:
                raise ArchiveError(
                    f"{self.path.name} holds no {MANIFEST}; it is no backup of Leitner, or one "
                    "that was never finished."
                ) from None
        if len(text) > MANIFEST_MAX:
            raise ArchiveError(f"The {MANIFEST} of {self.path.name} is too large to be one.")
        return parse_manifest(text, self.path.name)

    def _compare_names(self) -> None:
        names = sorted(info.filename for info in self._zip.infolist())
        told = sorted([MANIFEST, *(member.file for member in self.manifest.tables)])
        if names != told:
            odd = sorted(set(names) ^ set(told)) or ["a file twice"]
            raise ArchiveError(
                f"{self.path.name} does not hold the files that its manifest names "
                f"({', '.join(odd[:5])!r})."
            )


def parse_manifest(text: bytes, name: str) -> Manifest:
    """The manifest; ArchiveError for anything that is not one, or of a newer format."""
    try:
        said = json.loads(text)
        version = said["format"]
        if type(version) is not int or version < 1:
            raise ValueError(f"format {version!r}")
        if version > FORMAT:
            raise ArchiveError(
                f"{name} has format {version}, and this Leitner reads up to {FORMAT}. Update "
                "Leitner first."
            )
        manifest = Manifest(**{**said, "tables": [Member(**table) for table in said["tables"]]})
        for member in manifest.tables:
            _check_member(member)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArchiveError(f"The {MANIFEST} of {name} cannot be understood ({error}).") from error
    return manifest


def _check_member(member: Member) -> None:
    texts = [member.table, member.sha256, *member.columns]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("names must be texts")
    if not all(type(number) is int and number >= 0 for number in (member.rows, member.bytes)):
        raise ValueError(f"the numbers of {member.table} are none")
    if not _FILE_NAME.fullmatch(member.file):
        raise ValueError(f"{member.table!r} is no table's name")
