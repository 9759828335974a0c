"""Slips of an operator's hand restore nothing, and cost nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from backups.models import BackupRun
from tests.backups.exports import files

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("backup_folder")
@pytest.mark.parametrize(
    "arguments",
    [
        ["latest", "--user", ""],
        ["latest", "--user", "", "--replace"],
        ["latest", "--user", " "],
        ["", "--replace"],
        [""],
    ],
)
def test_a_variable_that_is_not_set_means_nobody(alice: User, arguments: list[str]) -> None:
    call_command("export_backup", "--no-progress")
    charlie = User.objects.create_user("charlie@example.org")
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("restore_backup", *arguments, "--no-progress")
    assert set(User.objects.all()) == {alice, charlie}
    assert BackupRun.objects.exports().count() == 1


def test_where_rejects_go_is_looked_at_before_a_safety_backup_is_made(
    alice: User, backup_folder: Path, tmp_path: Path
) -> None:
    call_command("export_backup", "--no-progress")
    before = files(backup_folder)
    (tmp_path / "rejects.csv").write_text("from before")
    with pytest.raises(CommandError, match="is there already"):
        call_command(
            *("restore_backup", "latest", "--replace", "--no-progress"),
            *("--rejects", str(tmp_path / "rejects.csv")),
        )
    assert files(backup_folder) == before


@pytest.mark.parametrize("hours", ["nan", "inf", "-1", "0", "x"])
def test_an_age_that_is_none_is_refused(hours: str) -> None:
    with pytest.raises(CommandError, match="max-age"):
        call_command("backup_status", "--max-age", hours)


def test_who_started_a_run_may_have_a_long_name(backup_folder: Path) -> None:
    call_command("export_backup", "--no-progress", "--started-by", "x" * 300)
    assert BackupRun.objects.get().started_by == "x" * 254
