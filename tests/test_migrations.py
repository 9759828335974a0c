"""The database is what the models say."""

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_migration_is_applied() -> None:
    call_command("migrate", check_unapplied=True, verbosity=0)


def test_the_database_keeps_to_the_constraints() -> None:
    call_command("check", databases=["default"], fail_level="WARNING", verbosity=0)
