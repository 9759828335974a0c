"""Making backups by the command, in tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

Said = dict[str, Any]


def export(capsys: pytest.CaptureFixture[str]) -> Said:
    """What `export_backup` says in JSON, whether it is content or not; then with its exit code."""
    capsys.readouterr()
    code: Said = {}
    try:
        call_command("export_backup", "--json", "--no-progress")
    except CommandError as error:
        code = {"code": error.returncode, "told": str(error)}
    said: Said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert code.pop("told", None) == said.get("error")
    return said | code


def files(place: Path) -> list[str]:
    """Everything in the folder, whatever its name."""
    return sorted(path.name for path in place.rglob("*")) if place.exists() else []
