"""Settings: safe by default, strict about typing errors, all from the environment in one place."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from leitner.env import env_bool, env_int, env_list, env_str, load_env_file, secret_key

ROOT = Path(__file__).resolve().parent.parent
GOOD_KEY = "0123456789abcdefghijklmnopqrstuvwxyz-0123456789-ABCDEF"
SHOW = """
import json
from leitner import settings
print(json.dumps({name: getattr(settings, name) for name in NAMES}, default=str))
"""


def start(*names: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of its own, with this environment only."""
    clean = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull}
    return subprocess.run(
        [sys.executable, "-c", SHOW.replace("NAMES", repr(names))],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def load(*names: str, **environment: str) -> dict[str, Any]:
    """The settings of these names, under this environment and a good key."""
    done = start(*names, **({"SECRET_KEY": GOOD_KEY} | environment))
    assert done.returncode == 0, done.stderr
    values: dict[str, Any] = json.loads(done.stdout)
    return values


@pytest.mark.parametrize(
    ("key", "state"),
    [
        ("", "is missing"),
        ("short", "is too weak"),
        ("a" * 60, "is too weak"),
        ("ab" * 22, "is too weak"),
        (GOOD_KEY[:42], "is too weak"),
        ("django-insecure-" + GOOD_KEY, "is too weak"),
    ],
)
def test_without_a_good_key_it_does_not_start_and_says_what_to_do(key: str, state: str) -> None:
    done = start(SECRET_KEY=key)
    assert done.returncode != 0
    assert f"SECRET_KEY {state}" in done.stderr
    assert "secrets.token_urlsafe(50)" in done.stderr


def test_a_key_that_a_host_generated_is_taken_and_long_enough_for_django() -> None:
    generated = "B0jrphAPOY7pg92AN0c9MN4yecczLMdwnx4OkA1KFUk="
    taken = load("SECRET_KEY", SECRET_KEY=generated)["SECRET_KEY"]
    assert taken.startswith(generated)
    assert len(taken) >= 50


def test_debug_does_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    assert secret_key(debug=True)
    with pytest.raises(ImproperlyConfigured, match="is missing"):
        secret_key(debug=False)


def test_the_key_can_come_from_a_mounted_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(GOOD_KEY + "\n")
    assert load("SECRET_KEY", SECRET_KEY="", SECRET_KEY_FILE=str(path)) == {"SECRET_KEY": GOOD_KEY}


def test_a_mounted_file_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_SECRET_FILE", "/nowhere/secret")
    with pytest.raises(ImproperlyConfigured, match="/nowhere/secret, which cannot be read"):
        env_str("SOME_SECRET")


def test_it_is_safe_by_default() -> None:
    values = load(
        "DEBUG",
        "DEMO",
        "SECURE_SSL_REDIRECT",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "ALLOWED_HOSTS",
    )
    assert values == {
        "DEBUG": False,
        "DEMO": False,
        "SECURE_SSL_REDIRECT": True,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"],
    }


def test_the_database_is_a_file_or_what_database_url_says() -> None:
    plain = load("DATABASES", DATA_DIR="/somewhere")["DATABASES"]["default"]
    assert plain["ENGINE"] == "django.db.backends.sqlite3"
    assert plain["NAME"] == "/somewhere/leitner.sqlite3"
    url = "postgres://ada:secret@db.example.org:5433/leitner"
    server = load("DATABASES", DATABASE_URL=url)["DATABASES"]["default"]
    assert server["ENGINE"] == "django.db.backends.postgresql"
    assert (server["HOST"], server["PORT"], server["NAME"]) == ("db.example.org", 5433, "leitner")
    assert (server["USER"], server["PASSWORD"]) == ("ada", "secret")
    assert "transaction_mode" not in server.get("OPTIONS", {})


@pytest.mark.parametrize("url", ["foo://host/name", "nonsense", "postgres://u:p@host:port/name"])
def test_a_database_url_that_makes_no_sense_is_refused_without_repeating_it(url: str) -> None:
    result = start("DATABASES", SECRET_KEY=GOOD_KEY, DATABASE_URL=url)
    assert result.returncode != 0
    last = result.stderr.strip().splitlines()[-1]
    assert "DATABASE_URL cannot be understood" in last
    assert url not in last


def test_the_cache_is_this_process_or_what_redis_url_says() -> None:
    plain = load("CACHES", "SESSION_ENGINE")
    assert plain["CACHES"]["default"]["BACKEND"].endswith("LocMemCache")
    assert plain["SESSION_ENGINE"].endswith(".db")
    shared = load("CACHES", "SESSION_ENGINE", REDIS_URL="redis://cache:6379/0")
    assert shared["CACHES"]["default"]["BACKEND"].endswith("RedisCache")
    assert shared["CACHES"]["default"]["LOCATION"] == "redis://cache:6379/0"
    assert shared["SESSION_ENGINE"].endswith(".cached_db")


@pytest.mark.parametrize("url", ["secret@cache:6379", "http://:secret@cache", "redis://"])
def test_a_redis_url_that_makes_no_sense_is_refused_without_repeating_it(url: str) -> None:
    result = start("CACHES", SECRET_KEY=GOOD_KEY, REDIS_URL=url)
    assert result.returncode != 0
    last = result.stderr.strip().splitlines()[-1]
    assert "REDIS_URL cannot be understood. It should look like redis://host:6379/0" in last
    assert "secret" not in last


def test_mail_is_sent_or_written_to_files() -> None:
    plain = load("EMAIL_BACKEND", "ACCOUNT_EMAIL_VERIFICATION")
    assert plain["EMAIL_BACKEND"].endswith("FileBackend")
    assert plain["ACCOUNT_EMAIL_VERIFICATION"] == "optional"
    sent = load("EMAIL_BACKEND", "ACCOUNT_EMAIL_VERIFICATION", EMAIL_HOST="smtp.example.org")
    assert sent["EMAIL_BACKEND"].endswith("SmtpBackend")
    assert sent["ACCOUNT_EMAIL_VERIFICATION"] == "mandatory"


@pytest.mark.parametrize("value", ["true", "yes", "on", "2", " 1"])
def test_a_switch_is_1_or_0_and_nothing_else(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCH", value)
    with pytest.raises(ImproperlyConfigured, match="must be 1 or 0"):
        env_bool("SWITCH", False)


@pytest.mark.parametrize(("value", "default", "result"), [("1", False, True), ("", True, True)])
def test_a_switch_has_a_default(
    value: str, default: bool, result: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SWITCH", value)
    assert env_bool("SWITCH", default) is result


@pytest.mark.parametrize("value", ["-1", "1.5", "ten", "0"])
def test_a_number_is_whole_and_in_range(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBER", value)
    with pytest.raises(ImproperlyConfigured, match="whole number from 1"):
        env_int("NUMBER", 5, least=1)


def test_empty_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TEXT", "NUMBER", "LIST"):
        monkeypatch.setenv(name, "")
    assert env_str("TEXT", "default") == "default"
    assert env_int("NUMBER", 5) == 5
    assert env_list("LIST", "a,b") == ["a", "b"]


def test_lists_drop_white_space_and_empty_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIST", " a.example , ,b.example,")
    assert env_list("LIST") == ["a.example", "b.example"]


def test_a_file_of_settings_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(
        "# a comment\n\nHTTPS=0\nALLOWED_HOSTS = learn.example.org\n"
        "DEFAULT_FROM_EMAIL=\"Ada <ada@example.org>\"\nADMINS='a@example.org'\nDEBUG=1\n"
    )
    names = "SECURE_SSL_REDIRECT", "ALLOWED_HOSTS", "DEFAULT_FROM_EMAIL", "ADMINS", "DEBUG"
    assert load(*names, ENV_FILE=str(path), DEBUG="0") == {
        "SECURE_SSL_REDIRECT": False,
        "ALLOWED_HOSTS": ["learn.example.org"],
        "DEFAULT_FROM_EMAIL": "Ada <ada@example.org>",
        "ADMINS": [["", "a@example.org"]],
        "DEBUG": False,
    }


def test_a_line_that_sets_nothing_is_named(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("# fine\nHTTPS 0\n")
    with pytest.raises(ImproperlyConfigured, match="line 2: this is not NAME=value"):
        load_env_file(path)


def read_by_settings() -> set[str]:
    """The variables that leitner/settings.py and leitner/env.py ask for."""
    calls = [
        node
        for name in ("settings", "env")
        for node in ast.walk(ast.parse((ROOT / f"leitner/{name}.py").read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("env_")
    ]
    return {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}  # type: ignore[misc]


def test_every_variable_is_listed_with_its_meaning_and_no_other() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    listed = {match[1] for line in lines if (match := re.match(r"([A-Z_]+)=", line))}
    assert listed == read_by_settings()


def test_the_example_as_it_is_only_lacks_a_key() -> None:
    path = str(ROOT / ".env.example")
    assert "SECRET_KEY is missing" in start(ENV_FILE=path).stderr
    assert load("HTTPS", "DEMO", ENV_FILE=path) == {"HTTPS": True, "DEMO": False}
