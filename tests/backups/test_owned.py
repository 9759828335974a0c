"""Which rows are whose is read off the models: none is missed, and nobody else's are taken."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from accounts.models import User
from backups.own.owned import owned, travelling
from backups.tables import tables
from tests.backups.own_data import furnish, rows_by_owner

pytestmark = pytest.mark.django_db


def test_every_table_that_leads_to_a_learner_is_known() -> None:
    with_learners = set(owned())
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and not field.null:
                parent = field.remote_field.model._meta.db_table
                if parent in with_learners:
                    assert model._meta.db_table in with_learners


def test_groups_and_permissions_are_nobodys() -> None:
    assert not {"auth_group", "auth_group_permissions", "django_content_type"} & set(owned())


def test_what_travels_with_a_learner_has_neither_rights_nor_the_admin_log() -> None:
    names = [table.name for table, _ in travelling()]
    assert not {"django_admin_log", "accounts_user_groups"} & set(names)
    assert names == [table.name for table in tables() if table.name in names]
    assert {"accounts_user", "cards_card", "cards_review", "mfa_authenticator"} <= set(names)


def test_the_conditions_find_a_learners_rows_and_nobody_elses(alice: User, charlie: User) -> None:
    furnish(alice)
    found = rows_by_owner(alice)
    assert all(found[name] for name in found if name.startswith("cards_"))
    assert found["accounts_user"][0][0] == alice.pk
    stranger = rows_by_owner(charlie)
    assert not stranger["cards_card"]
    assert not {row[0] for row in found["cards_box"]} & {row[0] for row in stranger["cards_box"]}
