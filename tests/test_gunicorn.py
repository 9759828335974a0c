"""What leitner.gunicorn sets for the processes that serve pages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Sixteen threads hash a password each, twice; what the process has grown by, in MB.
GROWTH = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
import psutil
from django.contrib.auth.hashers import make_password
from leitner.gunicorn import give_memory_back
import django
django.setup()
if sys.argv[1] == "give back":
    give_memory_back()
make_password("one before, that loads what is needed")
before = psutil.Process().memory_info().rss
with ThreadPoolExecutor(16) as pool:
    for _ in range(2):
        list(pool.map(make_password, ["some password"] * 16))
    print((psutil.Process().memory_info().rss - before) // 2**20)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="about glibc")
def test_a_class_that_signs_in_leaves_no_memory_taken(tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY": "a-key-for-tests-only-0123456789-abcdefghijklmnopqrstuvwxyz",
        "DJANGO_SETTINGS_MODULE": "leitner.settings",
    }

    def grown(how: str) -> int:
        command = [sys.executable, "-c", GROWTH, how]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        return int(done.stdout)

    assert grown("give back") < 10
    assert grown("keep") > 20
