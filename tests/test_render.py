"""render.yaml and its variants: Render takes them, and Leitner starts with what they say."""

from __future__ import annotations

import copy
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands, load_command_class
from django.urls import resolve
from pyrage import x25519

from tests.render_rules import troubles

ROOT = Path(__file__).resolve().parent.parent
BLUEPRINTS = [
    "render.yaml",
    *(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/render-*.yaml")),
]
# What Render itself reads, beside what .env.example lists.
RENDERS_OWN = {"PYTHON_VERSION", "WEB_CONCURRENCY"}
# What an operator answers when Render asks.
ANSWERS = {
    "ADMINS": "operator@example.org",
    "OPERATOR_NAME": "An operator",
    "CONTACT_EMAIL": "operator@example.org",
    "ADMIN_PATH": "back-office-7f3a/",
    "EMAIL_HOST": "smtp.example.org",
    "EMAIL_HOST_USER": "leitner",
    "EMAIL_HOST_PASSWORD": "secret",
    "DEFAULT_FROM_EMAIL": "Leitner <leitner@example.org>",
    "BACKUP_URL": "s3://key:secret@s3.eu-central-1.amazonaws.com/backups/leitner",
    "BACKUP_AGE_RECIPIENTS": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "BACKUP_AGE_IDENTITY": str(x25519.Identity.generate()),
}
RENDERS = {
    "RENDER": "true",
    "RENDER_EXTERNAL_HOSTNAME": "leitner.onrender.com",
    "connectionString": "postgresql://leitner:secret@dpg-1-a/leitner",
    "connectionPoolString": "postgresql://leitner:secret@dpg-1-a-pool:6432/leitner",
    # 256 bits in base64, as Render generates.
    "generateValue": "B0jrphAPOY7pg92AN0c9MN4yecczLMdwnx4OkA1KFUk=",
}


def read(name: str) -> dict[str, Any]:
    found = yaml.safe_load((ROOT / name).read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def programs(blueprint: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in blueprint["services"] if one["type"] in ("web", "cron")]


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_render_takes_the_blueprint(name: str) -> None:
    assert troubles(read(name)) == []


def set_in(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """A mistake: the value at this path (keys and numbers with dots between) is another."""

    def mistake(blueprint: dict[str, Any]) -> None:
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        at: Any = blueprint
        for part in way:
            at = at[part]
        at[last] = value

    return mistake


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (set_in("servises", []), "the Blueprint has no field servises"),
        (set_in("databases.0.plan", "basic"), "basic is no plan"),
        (set_in("databases.0.region", "paris"), "paris is no region"),
        (set_in("databases.0.diskSizeGB", 12), "neither 1 nor a multiple of 5"),
        (set_in("databases.0.ipAllowList", [{"source": "0.0.0.0/0"}]), "the whole internet"),
        (set_in("databases.0.postgresMajorVersion", 18), "postgresMajorVersion is a text"),
        (set_in("databases.0.name", "leitner"), "the name leitner is there twice"),
        (set_in("databases.0.name", "other"), "there is no database leitner-db"),
        (set_in("envVarGroups.0.name", "other"), "there is no group leitner-all"),
        (set_in("envVarGroups.0.envVars.0", {"key": "K", "sync": False}), "cannot be asked for"),
        (set_in("services.0.plan", "256mb"), "256mb is no plan"),
        (set_in("services.0.healthcheckPath", "/"), "leitner has no field healthcheckPath"),
        (set_in("services.0.maxShutdownDelaySeconds", 301), "not between 1 and 300"),
        (set_in("services.0.envVars.1", {"key": "K"}), "K needs one origin"),
        (set_in("services.0.envVars.1", {"key": "K", "value": 1}), "a value is a text"),
        (set_in("services.0.envVars.1", {"key": "K", "sync": True}), "sync can only be false"),
        (set_in("services.0.envVars.1.fromDatabase.property", "url"), "url is no property"),
        (
            set_in("services.0.envVars.1.fromDatabase.property", "connectionPoolString"),
            "leitner-db has no connection pool",
        ),
        (set_in("services.1.name", "other"), "there is no keyvalue leitner-cache"),
        (set_in("services.2.schedule", "every hour"), "every hour is no schedule"),
        (set_in("services.2.envVars.3.fromService.envVarKey", "NONE"), "no variable NONE"),
    ],
)
def test_what_render_would_refuse_is_found(
    mistake: Callable[[dict[str, Any]], None], said: str
) -> None:
    wrong = copy.deepcopy(read("render.yaml"))
    mistake(wrong)
    assert any(said in trouble for trouble in troubles(wrong)), troubles(wrong)


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_each_variable_is_one_of_leitners(name: str) -> None:
    known = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.M))
    blueprint = read(name)
    owners = [*blueprint.get("envVarGroups", ()), *programs(blueprint)]
    given = {v["key"] for owner in owners for v in owner["envVars"] if "key" in v}
    assert given - known - RENDERS_OWN == set()


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_each_command_is_there_and_knows_its_options(name: str) -> None:
    for service in programs(read(name)):
        lines = [
            service[key]
            for key in ("buildCommand", "preDeployCommand", "startCommand")
            if key in service
        ]
        for words in map(shlex.split, re.split("&&|;", " && ".join(lines))):
            if words[:2] == ["python", "manage.py"]:
                command = load_command_class(get_commands()[words[2]], words[2])
                command.create_parser("manage.py", words[2]).parse_args(words[3:])
            elif words[0] == "gunicorn":
                assert find_spec(words[1]), words
                assert find_spec(words[3].removeprefix("python:")), words
            else:
                assert words == ["pip", "install", "-r", "requirements.txt"]


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_the_health_check_is_a_page_of_ours(name: str) -> None:
    web = next(one for one in programs(read(name)) if one["type"] == "web")
    assert resolve(web["healthCheckPath"]).func.__module__.startswith("leitner.")


def environment(service: dict[str, Any], blueprint: dict[str, Any]) -> dict[str, str]:
    """The variables that Render sets for this service."""
    groups = {group["name"]: group["envVars"] for group in blueprint.get("envVarGroups", ())}
    found = {"RENDER": RENDERS["RENDER"]}
    for variable in service["envVars"]:
        if "fromGroup" in variable:
            found |= environment({"envVars": groups[variable["fromGroup"]]}, blueprint)
        elif "value" in variable:
            found[variable["key"]] = variable["value"]
        elif "generateValue" in variable:
            found[variable["key"]] = RENDERS["generateValue"]
        elif "sync" in variable:
            found[variable["key"]] = ANSWERS[variable["key"]]
        elif "fromDatabase" in variable:
            found[variable["key"]] = RENDERS[variable["fromDatabase"]["property"]]
        elif variable["fromService"]["type"] == "keyvalue":
            found[variable["key"]] = "redis://red-1:6379"
        else:
            key = variable["fromService"]["envVarKey"]
            found[variable["key"]] = (
                ANSWERS | RENDERS | {"ALLOWED_HOSTS": RENDERS["RENDER_EXTERNAL_HOSTNAME"]}
            )[key]
    return found


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_leitner_starts_with_these_variables_and_finds_nothing_half_done(
    name: str, tmp_path: Path
) -> None:
    blueprint = read(name)

    def start(service: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        variables = environment(service, blueprint) | {"ENV_FILE": os.devnull}
        # Jobs serve no pages: that their settings are taken is enough.
        checks = ["--deploy", "--fail-level", "WARNING"] if service["type"] == "web" else []
        return subprocess.run(
            [sys.executable, "manage.py", "check", *checks],
            env=variables | {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    with ThreadPoolExecutor() as pool:
        for done in pool.map(start, programs(blueprint)):
            assert done.returncode == 0, done.stderr
