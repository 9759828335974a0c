"""One address says where backups go: a folder, a bucket, or any storage that Django can use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from leitner.env import env_storage
from leitner.storages import storage
from tests.test_settings import load

FOLDER = "backups.places.folder.LocalFolder"


def bucket(address: str) -> dict[str, Any]:
    entry = storage(address)
    assert entry["BACKEND"] == "backups.places.s3.Bucket"
    options: dict[str, Any] = entry["OPTIONS"]
    return options


def test_backups_go_to_a_folder_beside_the_data_unless_told_otherwise() -> None:
    entries = load("STORAGES", DATA_DIR="/data")["STORAGES"]
    assert entries["backups"] == {"BACKEND": FOLDER, "OPTIONS": {"location": "/data/backups"}}
    assert "backups_second" not in entries
    named = load("STORAGES", DATA_DIR="/data", BACKUP_DIR="/mnt/b")["STORAGES"]
    assert named["backups"]["OPTIONS"] == {"location": "/mnt/b"}


def test_each_of_two_destinations_is_named_by_a_variable_or_a_mounted_file(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("s3://key:secret@minio:9000/leitner?tls=0\n")
    entries = load(
        "STORAGES", BACKUP_URL_FILE=str(secret), BACKUP_SECOND_URL="file:///mnt/my%20backups"
    )["STORAGES"]
    assert entries["backups"]["OPTIONS"]["endpoint_url"] == "http://minio:9000"
    second = {"BACKEND": FOLDER, "OPTIONS": {"location": "/mnt/my backups"}}
    assert entries["backups_second"] == second


def test_a_bucket_is_all_in_one_address() -> None:
    assert bucket("s3://AKIA:a%2Fb%2Bc@s3.eu-central-1.amazonaws.com/my-backups/leitner/live") == {
        "bucket_name": "my-backups",
        "location": "leitner/live",
        "endpoint_url": "https://s3.eu-central-1.amazonaws.com",
        "region_name": "eu-central-1",
        "access_key": "AKIA",
        "secret_key": "a/b+c",
    }


@pytest.mark.parametrize(
    ("address", "region"),
    [
        ("s3://k:s@s3.us-west-004.backblazeb2.com/bucket", "us-west-004"),
        ("s3://k:s@s3.fr-par.scw.cloud/bucket", "fr-par"),
        ("s3://k:s@s3.amazonaws.com/bucket", "us-east-1"),
        ("s3://k:s@abc.r2.cloudflarestorage.com/bucket?region=auto", "auto"),
        ("s3://k:s@[::1]:9000/bucket", "us-east-1"),
    ],
)
def test_the_region_is_in_the_host_or_behind_it(address: str, region: str) -> None:
    assert bucket(address)["region_name"] == region


def test_without_a_key_the_role_of_the_machine_is_used() -> None:
    options = bucket("s3://s3.eu-central-1.amazonaws.com/bucket")
    assert {"access_key", "secret_key"}.isdisjoint(options)
    assert options["location"] == ""


def test_any_other_storage_is_named_as_django_names_it() -> None:
    entry = {"BACKEND": "storages.backends.azure_storage.AzureStorage", "OPTIONS": {"timeout": 9}}
    assert storage(json.dumps(entry)) == entry


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "/var/backups",
        "file://host/folder",
        "http://k:Secret@host/bucket",
        "s3://k:Secret@host",
        "s3://k:Secret@/bucket",
        "s3://k:Sec/ret@host/bucket",
        "s3://k:12/Secret@host/bucket",
        "s3://k:@host/bucket",
        "s3://k:Secret@host/bucket?regoin=x",
        "s3://k:Secret@host/bucket?tls=no",
        "s3://k:Secret@host:port/bucket",
        "s3://k:Secret@[host/bucket",
        '{"BACKEND": "x", "Secret": 1}',
        '{"OPTIONS": {}}',
        '{"BACKEND": "x", "OPTIONS": "Secret"}',
        "{Secret",
    ],
)
def test_what_makes_no_sense_is_refused_without_repeating_it(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKUP_URL", address)
    with pytest.raises(ImproperlyConfigured, match="BACKUP_URL cannot be understood") as caught:
        env_storage("BACKUP_URL")
    assert "Secret" not in str(caught.value)
    assert address not in str(caught.value)


def test_secret_keys_stay_out_of_error_reports() -> None:
    from django.views.debug import SafeExceptionReporterFilter

    hidden = SafeExceptionReporterFilter().cleanse_setting
    assert "Secret" not in str(hidden("BACKUP_AGE_IDENTITY_KEY", "Secret"))
    entries = {"backups": storage("s3://Secret:Secret@host/bucket")}
    assert "Secret" not in str(hidden("STORAGES", entries))
