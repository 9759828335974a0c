"""What the commands that move all data have in common."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from backups.errors import TransferError, database_trouble


class MovingCommand(BaseCommand):
    """Shows how far it is to people, and what came of it to machines."""

    requires_system_checks = []  # They load every page, which a large copy has no use for.

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
        parser.add_argument("--no-progress", action="store_true", help="no bar, no progress lines")

    def say_json(self, options: Mapping[str, Any], said: Mapping[str, object]) -> None:
        """The last line, for whoever asked for it."""
        if options["json"]:
            self.stdout.write(json.dumps(said, ensure_ascii=False))


def add_started_by(parser: ArgumentParser) -> None:
    """Who started a run that is recorded."""
    parser.add_argument(
        "--started-by",
        default="command",
        metavar="WHO",
        help='what the list of runs says of it, such as "schedule"',
    )


@contextmanager
def told_in_a_sentence() -> Iterator[None]:
    """What is wrong with the database or a destination ends a command: CommandError."""
    try:
        yield
    except TransferError as error:
        raise CommandError(str(error)) from error
    except DatabaseError as error:
        raise CommandError(database_trouble(error)) from error
