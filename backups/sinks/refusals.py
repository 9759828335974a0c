"""A row that the target database refuses, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DataError, IntegrityError

from backups.errors import TransferError
from backups.sentences import Detail, Sentence, gettext_noop

TARGET = Sentence(gettext_noop("the target database"))


@contextmanager
def refusals_explained(where: str | Sentence) -> Iterator[None]:
    """A value that the database refuses becomes one sentence: TransferError."""
    try:
        yield
    except (IntegrityError, DataError) as error:
        said = getattr(error.__cause__, "diag", None)
        if said and said.message_primary:
            # A CHECK's detail is the whole row; a key's is the key.
            check = said.constraint_name and "check constraint" in said.message_primary
            more = "" if check else said.message_detail or said.context or ""
            reason = f"{said.message_primary}. {more}".strip(" .").replace("\n", " ")
        else:
            reason = str(error)
        raise TransferError(
            gettext_noop(
                "A row of the source breaks a rule of %(where)s%(why)s. Nothing was changed."
            ),
            where=where,
            why=Detail(reason),
        ) from error
