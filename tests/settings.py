"""Leitner's settings as the tests run them: nothing of the developer's environment shines through.

TEST_DATABASE chooses the database: `sqlite` (the default, a file) or `postgres` (a real server from
a wheel, started here once and shared by the workers of pytest-xdist).
"""

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

from tests.servers import postgres_url

ROOT = Path(__file__).resolve().parent.parent
HOME = Path(tempfile.mkdtemp(prefix="leitner-tests-"))
(HOME / "static").mkdir()  # WhiteNoise warns when it is missing.
atexit.register(shutil.rmtree, HOME, ignore_errors=True)

for name in re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE):
    os.environ.pop(name, None)
    os.environ.pop(f"{name}_FILE", None)
os.environ |= {
    "ENV_FILE": os.devnull,
    "SECRET_KEY": "a-key-for-tests-only-0123456789-abcdefghijklmnopqrstuvwxyz",
    "HTTPS": "0",
    "DATA_DIR": str(HOME),
    "LOG_LEVEL": "WARNING",
}
if os.environ.get("TEST_DATABASE", "sqlite") == "postgres":
    os.environ["DATABASE_URL"] = postgres_url()

from leitner.settings import *  # noqa: E402, F403
from leitner.settings import DATABASES, STORAGES  # noqa: E402

# Argon2 is slow by design; tests about it ask for the fixture `real_hashers`.
from leitner.settings import PASSWORD_HASHERS as REAL_PASSWORD_HASHERS  # noqa: E402, F401

if "sqlite" in DATABASES["default"]["ENGINE"]:
    # A file, as in real life, so that threads meet as they do there; but no waiting for the disk.
    DATABASES["default"]["TEST"] = {"NAME": str(HOME / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    )

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
