"""100,000 cards from a text file: our import on SQLite and PostgreSQL, and Anki's own engine.

ANKI_PYTHON names a Python in which the package `anki` can be imported (`python3 -m venv there;
there/bin/pip install anki`); without it only our own times are printed. BENCH_SCALE=0.1 takes a
tenth of the cards. Goals at full scale: under twice Anki's time, under 200 MB.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CARDS = int(100_000 * float(os.environ.get("BENCH_SCALE", "1")))
ROUNDS = 3
TARGET_RATIO, TARGET_MB = 2.0, 200

ANKI = """
import json, resource, sys, tempfile, time
from pathlib import Path
from anki.collection import Collection, ImportCsvRequest
home = Path(tempfile.mkdtemp())
collection = Collection(str(home / "collection.anki2"))
start = time.perf_counter()
metadata = collection.get_csv_metadata(path=sys.argv[1], delimiter=None)
collection.import_csv(ImportCsvRequest(path=sys.argv[1], metadata=metadata))
seconds = time.perf_counter() - start
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": seconds, "mb": memory, "cards": collection.card_count()}))
"""


def main() -> None:
    from tests.servers import start_postgres

    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "cards.txt"
        write_file(file)
        print(f"{CARDS:,} cards, {file.stat().st_size / 1e6:.1f} MB")
        anki = os.environ.get("ANKI_PYTHON")
        theirs = best([anki, "-c", ANKI, str(file)]) if anki else None
        if theirs:
            print(f"{'Anki':<12}{theirs['seconds']:6.2f} s {theirs['mb']:6.0f} MB")
        else:
            print("Anki: not measured, ANKI_PYTHON is not set")
        for name, url in (("SQLite", ""), ("PostgreSQL", start_postgres())):
            child = [sys.executable, "-m", "tests.benchmarks.bench_import", str(file), url]
            report(name, best(child), theirs)


def report(name: str, ours: dict[str, Any], theirs: dict[str, Any] | None) -> None:
    line = f"{name:<12}{ours['seconds']:6.2f} s {ours['mb']:6.0f} MB"
    line += f"  preview {ours['preview']:.2f} s"
    if theirs:
        line += f"  {ours['seconds'] / theirs['seconds']:.2f} times Anki (goal {TARGET_RATIO})"
    print(f"{line}  (goal {TARGET_MB} MB)")


def best(command: list[str]) -> dict[str, Any]:
    """The fastest of some runs, each in a process of its own."""
    runs = []
    for _ in range(ROUNDS):
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        runs.append(json.loads(done.stdout.splitlines()[-1]))
        if runs[-1]["cards"] != CARDS:
            raise SystemExit(f"{runs[-1]['cards']} cards instead of {CARDS}")
    return min(runs, key=lambda run: float(run["seconds"]))


def write_file(file: Path) -> None:
    with file.open("w", encoding="utf-8") as lines:
        lines.write("#separator:tab\n#html:false\n#tags column:3\n")
        for number in range(CARDS):
            front = f"Word {number} of the list, naïve"
            back = f"Meaning {number}: what it stands for, told in a short sentence"
            lines.write(f"{front}\t{back}\tlist part{number % 50}\n")


def measure(file: Path, url: str) -> dict[str, Any]:
    """One import into an empty database, as the page does it; run in a process of its own."""
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"SECRET_KEY": "for-this-benchmark-only-" * 3, "HTTPS": "0", "DATA_DIR": home}
        os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "leitner.settings"}
        import django

        django.setup()
        return _measure(file)


def _measure(file: Path) -> dict[str, Any]:
    import zlib

    from django.core.management import call_command
    from django.utils import timezone

    from accounts.models import User
    from cards.importing.applying import apply_import, reading_of, steps_of
    from cards.importing.planning import survey
    from cards.importing.reading import Choices
    from cards.models import Card, Import

    call_command("migrate", verbosity=0)
    User.objects.filter(email="bench@example.org").delete()
    owner = User.objects.create_user("bench@example.org", "x")
    source = Import.objects.create(owner=owner, data=zlib.compress(file.read_bytes(), 1))
    choices = Choices(deck="Bench")
    start = time.perf_counter()
    survey(steps_of(owner, reading_of(source, choices), "Bench"))
    preview = time.perf_counter() - start
    start = time.perf_counter()
    apply_import(
        owner=owner, import_id=source.pk, choices=choices, duplicates="skip", now=timezone.now()
    )
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cards = Card.objects.of(owner).count()
    return {"seconds": seconds, "preview": preview, "mb": memory, "cards": cards}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(Path(sys.argv[1]), sys.argv[2])))
    else:
        main()
