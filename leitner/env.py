"""Strict readers for environment variables; only settings.py calls them."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from leitner.rates import rates
from leitner.storages import storage


def load_env_file(path: Path) -> None:
    """Take variables from a file of NAME=value lines (quotes round a value are dropped).

    What the environment itself says wins. A missing file is no error, an unreadable line is.
    """
    if not path.is_file():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        name, equals, value = (part.strip() for part in line.partition("="))
        if not line.strip() or name.startswith("#"):
            continue
        if not equals or not name.isidentifier():
            raise ImproperlyConfigured(f"{path}, line {number}: this is not NAME=value.")
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        os.environ.setdefault(name, value)


def env_str(name: str, default: str = "") -> str:
    """The variable, or the content of the file that NAME_FILE points to (a mounted secret)."""
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return os.environ.get(name) or default
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}_FILE names {path}, which cannot be read: {error.strerror}."
        ) from error


def env_bool(name: str, default: bool) -> bool:
    """`1` or `0`; anything else is refused, so that a typing error never switches something off."""
    value = os.environ.get(name, "")
    if value in ("1", "0", ""):
        return default if value == "" else value == "1"
    raise ImproperlyConfigured(f"{name} is {value!r}; it must be 1 or 0.")


def env_choice(name: str, choices: Sequence[str]) -> str:
    """One of these words; the first when not set."""
    value = env_str(name, choices[0])
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be {' or '.join(choices)}.")
    return value


def env_int(name: str, default: int, least: int = 0) -> int:
    """A whole number of at least `least`."""
    value = os.environ.get(name, "")
    if value == "":
        return default
    if not value.isdecimal() or int(value) < least:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be a whole number from {least}.")
    return int(value)


def env_days(name: str, least: int) -> int:
    """A number of days of at least `least`, or 0 for never."""
    days = env_int(name, 0)
    if 0 < days < least:
        raise ImproperlyConfigured(f"{name} is {days}; it must be 0 (never) or at least {least}.")
    return days


def env_list(name: str, default: str = "") -> list[str]:
    """Values between commas, in a mounted file also line by line; white space is dropped."""
    text = env_str(name, default)
    return [part.strip() for part in re.split("[,\n]", text) if part.strip()]


def env_origin(name: str) -> str:
    """`https://host` or `https://host:port`, without a path; empty when not set."""
    text = env_str(name)
    value = text.rstrip("/")
    if value and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?", value):
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be like https://cdn.example.org.")
    return value


def env_path(name: str, default: str) -> str:
    """Part of an address, such as `admin/`: letters, digits, - and _, between slashes."""
    text = env_str(name, default)
    value = text.strip("/")
    if not re.fullmatch(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*", value):
        raise ImproperlyConfigured(
            f"{name} is {value!r}; it must be of letters, digits, - and _, such as {default}"
        )
    return f"{value}/"


_PATIENCE = (
    *("connect_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count"),
    "tcp_user_timeout",
)
# A server that is gone without a word is noticed after half a minute, not after a quarter of an
# hour; a query that takes long is no such thing. (libpq's; tcp_user_timeout is in milliseconds.)
PRIMARY = dict(zip(_PATIENCE, (10, 15, 5, 3, 30_000), strict=True))
# A replica that is away or stuck is noticed within seconds: the primary can answer all the same.
REPLICA = dict(zip(_PATIENCE, (2, 5, 2, 2, 5_000), strict=True)) | {
    "options": "-c default_transaction_read_only=on -c lock_timeout=2s -c statement_timeout=10s"
}


def env_database(
    name: str,
    default: str,
    conn_max_age: int,
    direct: str = "",
    patience: Mapping[str, Any] = PRIMARY,
) -> dict[str, Any]:
    """Django's settings of the database that the address in `name` stands for.

    If the variable `direct` is set, `name` leads through a pooler: commands, which take long and
    whose cursors need one session, take `direct` instead, and pages do without such cursors.
    """
    pooled = bool(direct and env_str(direct))
    if pooled and is_command():
        name, pooled = direct, False
    try:
        found = dj_database_url.parse(
            env_str(name) or default, conn_max_age=conn_max_age, conn_health_checks=True
        )
    except ValueError as error:
        # The address itself is not repeated: it holds a password.
        raise ImproperlyConfigured(
            f"{name} cannot be understood. It should look like "
            "postgres://user:password@host:5432/name, with special characters in the password "
            "percent-encoded; leave it empty for SQLite."
        ) from error
    if "postgresql" in found["ENGINE"]:
        found["OPTIONS"] = {**patience, **found.get("OPTIONS", {})}
    return {**found, "DISABLE_SERVER_SIDE_CURSORS": pooled}


def env_replica(name: str, primary: dict[str, Any]) -> dict[str, Any]:
    """What the replica that the address in `name` stands for adds to DATABASES; empty when none."""
    if not env_str(name):
        return {}
    age = primary["CONN_MAX_AGE"]
    found = env_database(name, default="", conn_max_age=age, patience=REPLICA)
    if any("postgresql" not in database["ENGINE"] for database in (found, primary)):
        raise ImproperlyConfigured(f"{name} must name a replica of a PostgreSQL database.")
    found["TEST"] = {"MIRROR": "default"}
    return {"replica": found}


def is_command() -> bool:
    """Whether this process is `manage.py` doing something, and not serving pages."""
    return Path(sys.argv[0]).name == "manage.py" and "runserver" not in sys.argv


def env_rates(name: str) -> dict[str, str]:
    """The rates of all limits, those that the variable names as it says."""
    try:
        return rates(env_str(name))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} cannot be understood. {error}") from None


def env_storage(name: str) -> dict[str, Any] | None:
    """The entry of Django's STORAGES that the address in `name` stands for; None when empty."""
    address = env_str(name)
    try:
        return storage(address) if address else None
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} cannot be understood. {error}") from None


def env_caches(name: str) -> dict[str, Any]:
    """Django's CACHES with the Redis that the address in `name` stands for, else in memory.

    `default` is for what is computed, `limits` counts, `sessions` has copies of login sessions, of
    which one that was missed when its session ended is gone after five minutes.
    """
    memory = "django.core.cache.backends.locmem.LocMemCache"
    caches: dict[str, Any] = {
        alias: {"BACKEND": memory, "LOCATION": alias, "OPTIONS": {"MAX_ENTRIES": entries}}
        for alias, entries in [("default", 2_000), ("limits", 20_000)]
    }
    if not (address := env_str(name)):
        return caches
    if not re.match(r"(redis|rediss|unix)://.", address):
        # The address itself is not repeated: it may hold a password.
        raise ImproperlyConfigured(
            f"{name} cannot be understood. It should look like redis://host:6379/0, "
            "rediss://user:password@host:6379/0 with TLS, or unix:///run/redis.sock."
        )
    caches["sessions"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    stand_ins = {f"{alias}-without-redis": cache for alias, cache in caches.items()}
    for alias in caches:
        caches[alias] = {
            "BACKEND": "leitner.cache.SteadyRedisCache",
            "LOCATION": address,
            "OPTIONS": {"stand_in": f"{alias}-without-redis"},
        }
    caches["sessions"]["OPTIONS"]["longest"] = 300
    return caches | stand_ins


def secret_key(debug: bool) -> str:
    """SECRET_KEY, refused when missing or guessable unless DEBUG=1.

    What hosts generate (Render: 256 random bits as 44 characters of base64) is as good as a key of
    50; it is lengthened by its own digest to the length that Django asks for.
    """
    key = env_str("SECRET_KEY")
    if 43 <= len(key) < 50 and len(set(key)) >= 20:
        key += hashlib.sha256(key.encode()).hexdigest()
    if len(key) >= 50 and len(set(key)) >= 5 and not key.startswith("django-insecure-"):
        return key
    if debug:
        return key or "only-for-debug-never-for-real-people"
    state = "is too weak" if key else "is missing"
    raise ImproperlyConfigured(
        f"SECRET_KEY {state}. Set it to at least 50 random characters, for example the output of: "
        'python3 -c "import secrets; print(secrets.token_urlsafe(50))". '
        "`make run` makes one for you; DEBUG=1 does without."
    )


def count_in(folder: Path, place: int) -> None:
    """From now on this process counts in files of `place` in `folder`, read by all of a machine.

    Called before anything is counted: `leitner.metrics` is not imported yet.
    """
    from prometheus_client import values

    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = values.MultiProcessValue(lambda: place)  # type: ignore[no-untyped-call]
