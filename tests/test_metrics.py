"""Metrics: for who knows the token, the same from each process, no paths among the labels."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.request
from pathlib import Path
from smtplib import SMTPException
from typing import Any

import pytest
from django.core.mail import send_mail
from django.test import Client
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from leitner import mail as counted
from leitner import metrics
from tests.gunicorns import ROOT, _wait_for
from tests.pgbouncer import free_port

TOKEN = "a-token-that-is-long-enough"


def value(name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(name, labels) or 0.0


def families(text: str) -> dict[str, list[Any]]:
    return {family.name: family.samples for family in text_string_to_metric_families(text)}


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer wrong", f"Basic {TOKEN}x", "Bearer ä"])
def test_without_the_token_there_is_nothing(client: Client, settings: Any, given: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    answer = client.get("/metrics/", headers={"authorization": given})
    assert (answer.status_code, answer.content) == (404, b"")


def test_an_empty_token_opens_nothing(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics/", headers={"authorization": "Bearer "}).status_code == 404


@pytest.mark.django_db
def test_with_the_token_all_parts_and_counts_are_there(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    answer = client.get("/metrics/", headers={"authorization": f"Bearer {TOKEN}"})
    found = families(answer.content.decode())
    parts = {sample.labels["part"] for sample in found["leitner_part"]}
    assert {"database", "backups", "cards", "disk", "mail"} <= parts
    assert {"leitner_requests", "leitner_answers", "leitner_mails", "leitner_errors"} <= set(found)
    assert not answer.cookies


@pytest.mark.django_db
def test_labels_are_names_of_views_never_paths(client: Client) -> None:
    before = value("leitner_requests_total", view="none", status="404")
    for number in range(30):
        client.get(f"/made-up-{number}/")
    assert value("leitner_requests_total", view="none", status="404") == before + 30
    views = re.findall(rb'view="([^"]*)"', metrics.text(None, []))
    assert not [view for view in views if b"made-up" in view or b"/" in view]


@pytest.mark.django_db
def test_mails_are_counted_sent_or_not(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "leitner.mail.FileBackend", str(tmp_path)
    sent, failed = (value("leitner_mails_total", outcome=each) for each in ("sent", "failed"))
    send_mail("Subject", "Text", None, ["a@example.org"])
    assert value("leitner_mails_total", outcome="sent") == sent + 1
    assert set(counted.last()) == {"sent"}

    def away(*args: Any) -> None:
        raise SMTPException("away")

    monkeypatch.setattr("django.core.mail.backends.smtp.EmailBackend.send_messages", away)
    settings.EMAIL_BACKEND = "leitner.mail.SmtpBackend"
    with pytest.raises(SMTPException):
        send_mail("Subject", "Text", None, ["a@example.org"])
    assert value("leitner_mails_total", outcome="failed") == failed + 1
    assert counted.last()["why"] == "SMTPException"


def test_nothing_of_ours_is_in_the_librarys_own_registry() -> None:
    assert not [family for family in REGISTRY.collect() if family.name.startswith("leitner_")]


def test_two_workers_tell_the_same_and_a_new_start_begins_at_zero(tmp_path: Path) -> None:
    for _ in range(2):
        assert _served(tmp_path) == 24


def _served(folder: Path) -> int:
    """How many of 24 requests a site with two workers has counted, by whichever is asked."""
    port = free_port()
    environment = {"DATA_DIR": str(folder), "METRICS_TOKEN": TOKEN, "PORT": str(port), "HTTPS": "0"}
    environment |= {"DEBUG": "1", "ENV_FILE": "/dev/null", "LOG_LEVEL": "WARNING"}
    command = [sys.executable, "-m", "gunicorn", "leitner.wsgi"]
    command += ["--config", "python:leitner.gunicorn", "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        _wait_for(port)
        for _ in range(24):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/privacy/") as answer:
                answer.read()
        headers = {"Authorization": f"Bearer {TOKEN}"}
        request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics/", headers=headers)
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            found = families(answer.read().decode())
    finally:
        process.terminate()
        process.wait(60)
    return int(sum(s.value for s in found["leitner_requests"] if s.labels["view"] == "privacy"))
