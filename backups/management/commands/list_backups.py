"""`manage.py list_backups`: what the destinations hold, and what is known of it."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from backups.commands import told_in_a_sentence
from backups.places.destinations import destinations
from backups.places.holdings import Held, holdings


class Command(BaseCommand):
    help = (
        "Lists every backup that lies at a destination, newest first: when, rows, size, where, and "
        "whether a drill verified it. Exit code 1: a destination could not be looked at."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        with told_in_a_sentence():
            held, failures = holdings()
        if options["json"]:
            said = {"backups": [_facts(one) for one in held], "failures": failures}
            self.stdout.write(json.dumps(said, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(_lines(held, sure=not failures)))
            for failure in failures.values():
                self.stderr.write(failure)
        if failures:
            sys.exit(1)


def _facts(one: Held) -> dict[str, Any]:
    return {
        "name": one.name,
        "at": one.at.isoformat(),
        "rows": one.rows,
        "bytes": one.bytes,
        "sha256": one.sha256,
        "where": one.where,
        "encrypted": one.encrypted,
        "verified_at": one.verified_at.isoformat() if one.verified_at else None,
        "why_not": one.why_not,
    }


def _lines(held: list[Held], *, sure: bool) -> list[str]:
    """A line for each, and where that is; `sure` when every destination was looked at."""
    if not held:
        none = "There is no backup anywhere. Make one: manage.py export_backup"
        return [none if sure else "No backup was found."]
    lines = [f"{'name':33}{'rows':>12}{'bytes':>15}  {'verified':18}where"]
    for one in held:
        rows = "?" if one.rows is None else f"{one.rows:,}"
        size = "?" if one.bytes is None else f"{one.bytes:,}"
        verified = f"{one.verified_at:%Y-%m-%d %H:%M}" if one.verified_at else "no"
        lines.append(f"{one.name:33}{rows:>12}{size:>15}  {verified:18}{', '.join(one.where)}")
        lines += [f"  {one.why_not}"] if one.why_not else []
    used = {alias for one in held for alias in one.where}
    return [
        *lines,
        *(f"{each.alias}: {each.place}" for each in destinations() if each.alias in used),
    ]
