"""A backup goes to a bucket as well, over real HTTP, and is good only when that has it too."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import User
from backups.models import BackupRun
from leitner.storages import storage
from tests.backups.exports import export, files
from tests.backups.s3_server import Fault, Line, bad_line, held, s3_client, s3_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with s3_server() as host:
        yield host


@pytest.fixture
def line(server: str, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Line]:
    """A line to a bucket, the second destination; boto3's pauses between tries take no time."""
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
    urllib.request.urlopen(urllib.request.Request(f"http://{server}/moto-api/reset", method="POST"))
    with bad_line(server) as line:
        second = storage(f"s3://key:secret@{line.host}/backups?tls=0")
        settings.STORAGES = {**settings.STORAGES, "backups_second": second}
        yield line


def test_a_bucket_holds_it_too_and_a_loud_warning_is_given_without_a_key(
    alice: User,
    backup_folder: Path,
    line: Line,
    server: str,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    s3 = s3_client(server)
    s3.create_bucket(Bucket="backups")
    said = export(capsys)
    assert said["destinations"] == {"backups": "ok", "backups_second": "ok"}
    assert held(s3) == [said["name"]] == files(backup_folder)
    assert "THIS BACKUP LEAVES THE MACHINE UNENCRYPTED" in caplog.text


@pytest.mark.parametrize("fault", ["500", "403", "cut off", "flipped"])
def test_a_bucket_that_fails_is_told_and_the_folder_still_has_it(
    alice: User,
    backup_folder: Path,
    line: Line,
    server: str,
    capsys: pytest.CaptureFixture[str],
    fault: Fault,
) -> None:
    s3 = s3_client(server)
    s3.create_bucket(Bucket="backups")
    line.fails(fault, "GET /backups/leitner" if fault == "flipped" else "PUT /backups/leitner")
    said = export(capsys)
    assert (said["good"], said["code"]) == (False, 1)
    assert said["destinations"]["backups"] == "ok"
    assert said["destinations"]["backups_second"] == said["error"]
    assert held(s3) == []
    assert files(backup_folder) == [said["name"]]
    assert BackupRun.objects.get().outcome == "failed"
