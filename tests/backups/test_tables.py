"""What a full copy holds: everything, but for what is left out by name."""

from __future__ import annotations

from typing import get_args

import pytest
from django.apps import apps
from django.db import models

from backups import tables as map_of
from backups.tables import Kind, Table, tables


def test_every_model_travels_or_is_left_out_by_name() -> None:
    travelling = {table.model for table in tables()}
    for model in apps.get_models(include_auto_created=True):
        left_out = model._meta.label in map_of.LEFT_OUT
        left_out = left_out or model._meta.app_label in map_of.LEFT_OUT_APPS
        assert (model in travelling) != left_out, f"{model._meta.label}: which of the two?"


def test_what_is_left_out_by_name_exists() -> None:
    for label in map_of.LEFT_OUT:
        assert apps.get_model(label)._meta.label == label
    for app in map_of.LEFT_OUT_APPS:
        assert apps.get_app_config(app).label == app


def test_parents_come_before_children() -> None:
    seen: set[str] = set()
    for table in tables():
        parents = {column.references for column in table.columns if column.references}
        assert parents - {table.name} <= seen, f"{table.name} comes too early"
        seen.add(table.name)


def test_a_column_refers_to_a_table_that_travels_or_to_a_lasting_name() -> None:
    """A reference to what is left out would point nowhere in the copy."""
    for table in tables():
        for field in table.model._meta.concrete_fields:
            if not isinstance(field, models.ForeignKey):
                continue
            column = table.column(str(field.column))
            assert bool(column.references) != bool(column.named_by), f"{table.name}.{column.name}"
            assert (column.kind == "name") == bool(column.named_by)


@pytest.mark.parametrize("table", tables(), ids=lambda table: str(table.name))
def test_every_column_has_a_kind_and_a_wire_form_on_both_databases(table: Table) -> None:
    assert [column.name for column in table.columns] == [
        field.column for field in table.model._meta.concrete_fields
    ]
    for column in table.columns:
        assert column.kind in get_args(Kind)
        assert column.name in column.wire("postgresql")
        assert column.name in column.wire("sqlite")
    assert not table.column(table.key).null


def test_a_field_of_an_unknown_type_is_a_loud_error() -> None:
    field: models.Field[object, object] = models.FloatField(name="weight")
    with pytest.raises(TypeError, match="cannot travel yet"):
        map_of._kind(field)


def test_tables_have_names_that_people_say() -> None:
    labels = {table.name: table.label for table in tables()}
    assert labels["accounts_user"] == "users"
    assert labels["cards_card"] == "cards"
    assert labels["cards_box"] == "boxes"
    assert labels["django_admin_log"] == "logentries"
    assert len(set(labels.values())) == len(labels)
