"""Disks that are full for real: a small tmpfs of its own, or files that may not grow."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = 4096
# The disk is seen by this process and its children only, and goes with them.
MOUNTED = """
mount -t tmpfs -o size="$SIZE" none "$DISK" && cp -a "$SEED/." "$DISK" || exit 99
"$@"
code=$?
cp -a "$DISK/." "$AFTER"
exit $code
"""
LIMITED = """
cp -a "$SEED/." "$DISK" || exit 99
prlimit --fsize="$ROOM" "$@"
code=$?
cp -a "$DISK/." "$AFTER"
exit $code
"""


@dataclass(frozen=True)
class Ended:
    """How a command on a full disk ended; `folder` holds what is on that disk then."""

    code: int
    said: str
    folder: Path


def command_on(kind: str, seed: Path, room: int, env: Mapping[str, str], *command: str) -> Ended:
    """Run `manage.py` with these words where `room` more bytes fit beside what is in `seed`.

    With kind "file size" no file may have more than `room` bytes. In `env`, DISK stands for where
    the files of `seed` lie for the command.
    """
    disk, after = seed.with_name("disk"), seed.with_name(f"after-{kind}-{room}-{command[0]}")
    for folder in (disk, after):
        folder.mkdir(exist_ok=True)
    sizes = [path.stat().st_size for path in seed.rglob("*") if path.is_file()]
    size = sum(-(-each // PAGE) * PAGE for each in sizes) + room
    around = {"SEED": seed, "DISK": disk, "AFTER": after, "SIZE": size, "ROOM": room}
    given = {name: value.replace("DISK", str(disk)) for name, value in env.items()}
    script = [*namespace(), "sh", "-c", MOUNTED] if kind == "tmpfs" else ["sh", "-c", LIMITED]
    done = subprocess.run(
        [*script, "sh", sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "leitner.settings", "PYTHONWARNINGS": "ignore"}
        | {name: str(value) for name, value in around.items()}
        | given,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode != 99, done.stderr
    return Ended(done.returncode, done.stderr.strip(), after)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@cache
def namespace() -> list[str]:
    """What lets a command mount a disk of its own; the test is skipped where nobody may."""
    for way in (["unshare", "-m"], ["unshare", "-rm"]):
        try:
            tried = [*way, "mount", "-t", "tmpfs", "none", "/mnt"]
            if subprocess.run(tried, capture_output=True, check=False).returncode == 0:
                return way
        except FileNotFoundError:
            continue
    pytest.skip("neither root nor a user namespace may mount a tmpfs here")
