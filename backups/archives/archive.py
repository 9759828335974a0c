"""An archive: a zip of CSV files, one a table, and `manifest.json`, which says what is in them.

Pure: standard library only. Written once from front to back, read in constant memory; nothing that
an archive says about itself is believed before it was counted.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol

from backups.archives.manifest import (
    MANIFEST,
    MANIFEST_MAX,
    ArchiveError,
    Manifest,
    Member,
    parse_manifest,
)
from backups.sentences import Detail, Sentence, gettext_noop

__all__ = ["ArchiveError", "Manifest", "Member", "Reader", "Writer", "parse_manifest"]

CHUNK = 256 * 1024
# So many files of an archive are checked at once.
THREADS = 2
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,  # Places in the file that no number tells, and texts that are none.
    OverflowError,
)


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


class Packer(Protocol):
    """Takes bytes, and gives what is ready of them as bare deflate."""

    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


class Writer:
    """Writes an archive to `path`, over what is there; complete only after `close`.

    `packer` makes what packs a table's file, for whoever has a faster one than zlib.
    """

    def __init__(self, path: Path, packer: Callable[[], Packer] | None = None) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._packer = packer
        self.members: list[Member] = []

    @contextmanager
    def table(self, name: str, columns: list[str]) -> Iterator[tuple[Counted, list[int]]]:
        """A file to write CSV bytes to, and a list to append the number of rows to."""
        rows: list[int] = []
        with self._zip.open(f"{name}.csv", "w", force_zip64=True) as out:
            if self._packer:
                # zipfile does not ask who packs. Should this be called otherwise there one day,
                # it goes on to pack by itself; whoever unpacks finds the same.
                out._compressor = self._packer()  # type: ignore[attr-defined]
            counted = Counted(out)
            yield counted, rows
        digest = counted.hash.hexdigest()
        self.members.append(Member(name, columns, sum(rows), counted.size, digest))

    def small_file(self, name: str, data: bytes) -> dict[str, str]:
        """A small file for people; what the manifest says of it."""
        self._zip.writestr(name, data)
        return {name: hashlib.sha256(data).hexdigest()}

    def close(self, manifest: Manifest) -> None:
        """The manifest is the last thing written: an archive without it is none."""
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
        self._zip.writestr(MANIFEST, text)
        self._zip.close()

    def abandon(self) -> None:
        self._zip.close()


class Reader:
    """Reads the archive at `path`. ArchiveError when it is none, damaged, or of a newer format.

    Sentences begin with its name, or with what it is `called` instead.
    """

    def __init__(self, path: Path, called: Sentence | None = None) -> None:
        self.path = path
        self.name = called or path.name
        with self._damage():
            # Opened here, to be closed here: a zip waits for whoever stopped reading half-way.
            self._file = path.open("rb")
        try:
            with self._damage():
                self._zip = zipfile.ZipFile(self._file)
            self._check_packing()
            self.manifest = self._read_manifest()
            self._compare_names()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

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
                gettext_noop("%(name)s is damaged: %(file)s is not what the manifest says."),
                name=self.name,
                file=member.file,
            )

    def check(self) -> None:
        """Read everything once; ArchiveError when anything is not as the manifest says."""
        # Unpacking and hashing let others work meanwhile.
        with ThreadPoolExecutor(THREADS) as pool:
            for _ in pool.map(self._check, self.manifest.tables):
                pass
        for name, sha256 in self.manifest.extras.items():
            if hashlib.sha256(self._small(name)).hexdigest() != sha256:
                text = gettext_noop("%(name)s is damaged: %(file)s was changed.")
                raise ArchiveError(text, name=self.name, file=name)

    def _check(self, member: Member) -> None:
        for _ in self.chunks(member):
            pass

    def _small(self, name: str) -> bytes:
        """A file that is read as a whole, up to one byte more than it may have."""
        with self._damage(), self._zip.open(name) as file:
            return file.read(MANIFEST_MAX + 1)

    @contextmanager
    def _damage(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            text = gettext_noop("There is no file %(path)s.")
            raise ArchiveError(text, path=self.path) from None
        except _DAMAGE as error:
            text = gettext_noop("%(name)s is damaged or no backup of Leitner%(why)s.")
            raise ArchiveError(text, name=self.name, why=Detail(error)) from error

    def _check_packing(self) -> None:
        """Only what is unpacked piece by piece: other methods fill the memory at once."""
        for info in self._zip.infolist():
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ArchiveError(
                    gettext_noop(
                        "%(name)s is packed in a way that Leitner's backups are not. Pack it again "
                        "as a plain zip, or take the original."
                    ),
                    name=self.name,
                )

    def _read_manifest(self) -> Manifest:
        try:
            text = self._small(MANIFEST)
        except KeyError:
            raise ArchiveError(
                gettext_noop(
                    "%(name)s holds no %(file)s; it is no backup of Leitner, or one that was never "
                    "finished."
                ),
                name=self.name,
                file=MANIFEST,
            ) from None
        if len(text) > MANIFEST_MAX:
            large = gettext_noop("%(name)s has a %(file)s that is too large to be one.")
            raise ArchiveError(large, name=self.name, file=MANIFEST)
        return parse_manifest(text, self.name)

    def _compare_names(self) -> None:
        names = sorted(info.filename for info in self._zip.infolist())
        files = [member.file for member in self.manifest.tables]
        told = sorted([MANIFEST, *files, *self.manifest.extras])
        if names != told or len(set(names)) != len(names):
            odd = sorted(set(names) ^ set(told)) or ["a file twice"]
            raise ArchiveError(
                gettext_noop("%(name)s does not hold the files that its manifest names%(why)s."),
                name=self.name,
                why=Detail(repr(", ".join(odd[:5]))),
            )
