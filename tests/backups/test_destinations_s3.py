"""A bucket holds backups, over real HTTP: large ones, and when keys, servers or the line fail."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from backups.errors import TransferError
from backups.places.destinations import (
    Destination,
    destinations,
    get,
    names,
    put,
    put_everywhere,
    remove,
)
from leitner.storages import folder, storage
from tests.backups.s3_server import Fault, Line, bad_line, held, s3_client, s3_server

NAME, OLDER = "leitner-20251015-131028Z.zip.age", "leitner-20251014-131028Z.zip"
PART = 5 << 20  # The least that S3 takes as a part.


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with s3_server() as host:
        yield host


@pytest.fixture
def line(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """A line to the server; boto3's pauses between tries take no time."""
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
    with bad_line(server) as line:
        yield line


@pytest.fixture(scope="module")
def past_the_line(server: str) -> Any:
    return s3_client(server)


@pytest.fixture
def s3(server: str, past_the_line: Any) -> Any:
    """A client of the tests' own, past the line, with an empty bucket `backups`."""
    urllib.request.urlopen(urllib.request.Request(f"http://{server}/moto-api/reset", method="POST"))
    past_the_line.create_bucket(Bucket="backups")
    return past_the_line


def at(host: str, settings: Any, key: str = "key:secret", **more: Any) -> Destination:
    """The destination at this host, in the bucket's folder `site`."""
    entry = storage(f"s3://{key}@{host}/backups/site?tls=0")
    entry["OPTIONS"] |= {"part_bytes": PART} | more
    settings.STORAGES = {**settings.STORAGES, "backups": entry}
    return destinations()[0]


@pytest.fixture
def bucket(line: Line, s3: Any, settings: Any) -> Destination:
    return at(line.host, settings)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small"
    path.write_bytes(b"a backup of a small site")
    return path


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A file of three parts, the last one short."""
    path = tmp_path / "backup"
    path.write_bytes(os.urandom(2 * PART + 1000))
    return path


def test_a_backup_goes_in_parts_and_comes_back_as_it_was(
    bucket: Destination, line: Line, s3: Any, backup: Path, tmp_path: Path
) -> None:
    stored = put(bucket, backup, NAME)
    assert len([request for request in line.seen if "partNumber=" in request]) == 3
    assert held(s3) == [f"site/{NAME}"]
    assert get(bucket, NAME, tmp_path / "back") == stored
    back = tmp_path / "back"
    assert (back.read_bytes(), back.stat().st_mode & 0o777) == (backup.read_bytes(), 0o600)


def test_any_number_of_parts_comes_back(line: Line, s3: Any, settings: Any, tmp_path: Path) -> None:
    s3.put_object(Bucket="backups", Key=f"site/{NAME}", Body=bytes(range(256)) * 100)
    stored = get(at(line.host, settings, part_bytes=1000), NAME, tmp_path / "back")
    assert stored.size == 25_600
    assert (tmp_path / "back").read_bytes() == bytes(range(256)) * 100
    assert len([request for request in line.seen if request.startswith("GET")]) == 26


def test_only_our_names_in_our_folder_are_seen_and_removed(
    bucket: Destination, s3: Any, small: Path
) -> None:
    for key in ("site/notes.txt", f"elsewhere/{NAME}", f"site/inside/{NAME}"):
        s3.put_object(Bucket="backups", Key=key, Body=b"theirs")
    assert names(bucket) == []
    put(bucket, small, NAME)
    put(bucket, small, OLDER)
    assert names(bucket) == [OLDER, NAME]
    remove(bucket, NAME)
    remove(bucket, NAME)
    assert names(bucket) == [OLDER]
    assert len(held(s3)) == 4


def test_more_backups_than_one_answer_lists_are_all_seen(
    bucket: Destination, line: Line, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")
    many = [f"leitner-202510{day:02}-000000Z.zip" for day in range(1, 9)]
    for name in many:
        s3.put_object(Bucket="backups", Key=f"site/{name}", Body=b"")
    assert names(bucket) == many
    assert len(line.seen) == 3


@pytest.mark.parametrize(
    ("fault", "request_"),
    [
        ("500", "partNumber=2"),
        ("500", f"POST /backups/site/{NAME}?uploadId"),
        ("cut off", "partNumber=2"),
        ("500", "GET"),
        ("half an answer", f"GET /backups/site/{NAME}"),
        ("500", "HEAD"),
    ],
)
def test_what_fails_twice_is_tried_again(
    bucket: Destination, line: Line, backup: Path, fault: Fault, request_: str
) -> None:
    line.fails(fault, request_, times=2)
    put(bucket, backup, NAME)
    assert names(bucket) == [NAME]
    assert len([request for request in line.seen if request_ in request]) >= 3


@pytest.mark.parametrize(
    ("fault", "request_", "words"),
    [
        ("500", "partNumber=2", r"error 500 \(InternalError\), again and again\. Try again later"),
        ("cut off", "partNumber=3", r"the connection failed \(Connection was closed"),
        ("403", "partNumber=1", r"the access key is refused \(AccessDenied\)"),
        ("500", f"GET /backups/site/{NAME}", r"error 500 \(InternalError\), again and again"),
        (
            "half an answer",
            f"GET /backups/site/{NAME}",
            r"the connection failed \(An error occurred while reading",
        ),
        ("flipped", f"GET /backups/site/{NAME}", r"what was read back is not what was sent"),
        ("500", "HEAD", r"error 500 \(500\), again and again"),
    ],
)
def test_what_goes_on_failing_is_told_and_leaves_nothing(
    bucket: Destination, line: Line, s3: Any, backup: Path, fault: Fault, request_: str, words: str
) -> None:
    line.fails(fault, request_)
    with pytest.raises(TransferError, match=words) as caught:
        put(bucket, backup, NAME)
    place = f"the bucket backups at http://{line.host}"
    assert str(caught.value).startswith(f"{NAME} was not kept in {place}: ")
    assert held(s3) == []


def test_what_cannot_be_removed_either_is_said_to_be_there(
    bucket: Destination, line: Line, s3: Any, small: Path
) -> None:
    line.fails("flipped", f"GET /backups/site/{NAME}")
    line.fails("500", "DELETE")
    with pytest.raises(TransferError, match=rf"may have left {NAME} there.*do not trust it"):
        put(bucket, small, NAME)
    assert held(s3) == [f"site/{NAME}"]


def test_an_answer_that_never_comes_is_not_waited_for(
    line: Line, s3: Any, settings: Any, small: Path
) -> None:
    line.fails("silent", "PUT")
    with pytest.raises(TransferError, match=r"the connection failed \(Read timeout"):
        put(at(line.host, settings, timeout=0.2), small, NAME)


def test_a_download_that_breaks_off_leaves_no_file(
    bucket: Destination, line: Line, small: Path, tmp_path: Path
) -> None:
    put(bucket, small, NAME)
    line.fails("half an answer", f"GET /backups/site/{NAME}")
    with pytest.raises(TransferError, match=f"{NAME} was not fetched from the bucket backups"):
        get(bucket, NAME, tmp_path / "back")
    assert not (tmp_path / "back").exists()


def test_a_bucket_that_is_gone_is_said_to_be_gone(
    bucket: Destination, s3: Any, small: Path
) -> None:
    s3.delete_bucket(Bucket="backups")
    with pytest.raises(TransferError, match=r"there is no such bucket\. Make it, or correct"):
        put(bucket, small, NAME)
    with pytest.raises(TransferError, match="cannot be listed: there is no such bucket"):
        names(bucket)


def test_a_wrong_key_is_refused_by_the_server_itself(
    bucket: Destination, server: str, settings: Any, small: Path
) -> None:
    def keys_are_asked_for(count: str) -> None:
        address, kind = f"http://{server}/moto-api/reset-auth", {"Content-Type": "text/plain"}
        urllib.request.urlopen(urllib.request.Request(address, count.encode(), kind))

    keys_are_asked_for("0")
    refused = r"^(?!.*secret@).*the access key is refused.*Check key and secret in BACKUP_URL"
    try:
        for operation in (lambda: put(bucket, small, NAME), lambda: names(bucket)):
            with pytest.raises(TransferError, match=refused):
                operation()
    finally:
        keys_are_asked_for("inf")


def test_a_host_that_does_not_answer_is_named(line: Line, settings: Any) -> None:
    with pytest.raises(TransferError, match=r"listed: the connection failed .*BACKUP_URL"):
        names(at("127.0.0.1:1", settings))


def test_a_backup_is_good_only_when_every_destination_gave_it_back(
    line: Line, s3: Any, settings: Any, small: Path, tmp_path: Path
) -> None:
    at(line.host, settings)
    settings.STORAGES = {**settings.STORAGES, "backups_second": folder(tmp_path / "second")}
    both = destinations()
    assert put_everywhere(both, small, OLDER).good
    line.fails("flipped", f"GET /backups/site/{NAME}")
    kept = put_everywhere(both, small, NAME)
    assert not kept.good
    assert list(kept.failures) == ["backups"]
    assert "what was read back is not what was sent" in kept.failures["backups"]
    assert [names(one) for one in both] == [[OLDER], [OLDER, NAME]]
