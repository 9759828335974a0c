"""Archives and restores for tests: made, opened again, changed by hand, brought back."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backups.archives.csv_text import csv_line, csv_rows
from backups.archives.exporting import export
from backups.display import Display
from backups.places.fetching import checked
from backups.report import Report
from backups.sinks.restoring import Restoring
from backups.sources.archive import ArchiveSource
from backups.transfer import transfer
from tests.backups.kept import NoRejects

MANIFEST = "manifest.json"


def bring_back(path: Path, *, replace: bool = True, dry_run: bool = False) -> Report:
    """The archive into the database of the tests, as the command does."""
    with checked(path) as reader, ArchiveSource(reader) as source:
        report = Report(source.kind, NoRejects())
        sink = Restoring(replace=replace)
        transfer(source, sink, report, Display(None), using="default", dry_run=dry_run)
    return report


def sums(path: Path) -> dict[str, str]:
    """The SHA-256 of each table's CSV in a new export of the database of the tests to `path`."""
    path.unlink(missing_ok=True)
    return {member.table: member.sha256 for member in export(path).tables}


@dataclass
class Opened:
    """What is in an archive, to be changed: the CSV of each table, and the manifest."""

    texts: dict[str, bytes]
    manifest: dict[str, Any]

    def member(self, table: str) -> dict[str, Any]:
        found: dict[str, Any]
        (found,) = [each for each in self.manifest["tables"] if each["table"] == table]
        return found

    def lines(self, table: str, change: Callable[[list[bytes]], list[bytes]]) -> None:
        """Change the lines of a table (the first names the columns); no text holds a line end."""
        lines = self.texts[table].split(b"\r\n")[:-1]
        self.texts[table] = b"".join(line + b"\r\n" for line in change(lines))

    def without(self, table: str, *names: str) -> None:
        """The table as it was before it had these columns."""
        member = self.member(table)
        header, *rows = csv_rows([self.texts[table]])
        stay = [place for place, name in enumerate(header) if name not in names]
        member["columns"] = [header[place] for place in stay]
        lines = (csv_line([row[place] for place in stay]) for row in [header, *rows])
        self.texts[table] = "".join(lines).encode()

    def without_table(self, table: str) -> None:
        self.manifest["tables"].remove(self.member(table))
        del self.texts[table]

    def agree(self) -> None:
        """Have the manifest tell of the texts as they are: rows, bytes and checksums."""
        for member in self.manifest["tables"]:
            text = self.texts[member["table"]]
            member["bytes"], member["sha256"] = len(text), hashlib.sha256(text).hexdigest()
            member["rows"] = text.count(b"\r\n") - 1


def changed(path: Path, change: Callable[[Opened], object], *, agree: bool = True) -> Path:
    """A copy of the archive, changed; by default its manifest is made to agree."""
    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(archive.read(MANIFEST))
        texts = {each["table"]: archive.read(f"{each['table']}.csv") for each in manifest["tables"]}
    opened = Opened(texts, manifest)
    change(opened)
    if agree:
        opened.agree()
    target = path.with_name(f"changed-{path.name}")
    with zipfile.ZipFile(target, "w") as archive:
        for table, text in opened.texts.items():
            archive.writestr(f"{table}.csv", text)
        archive.writestr(MANIFEST, json.dumps(opened.manifest))
    return target
