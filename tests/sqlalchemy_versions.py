"""Run code on the SQLAlchemy series that the project supports.

`run("2.0", "import sqlalchemy; print(sqlalchemy.__version__)")` installs the pinned release once into the cache
directory and runs Python with it. Parametrize over `supported()`, the series that this interpreter can run; asking for
another raises `Unsupported`, and `tests/facts/test_series.py` pins which one that may be.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from flake8_async_sqla.facts.versions import MINIMUM_PYTHON, PINNED, SUPPORTED

SERIES = SUPPORTED
REPOSITORY = pathlib.Path(__file__).parent.parent
CACHE = pathlib.Path(os.environ.get("ASYNC_SQLA_TEST_CACHE", REPOSITORY / ".pytest_cache" / "d")) / "sqlalchemy"

DRIVERS = (
    "aiomysql==0.3.2",
    "aioodbc==0.5.0",
    "aiosqlite==0.22.1",
    "asyncmy==0.2.18",
    "asyncpg==0.32.0",
    "oracledb==26.1.0",
    "pg8000==1.31.5" if sys.version_info < (3, 11) else "pg8000==1.31.6",
    "psycopg2-binary==2.9.13",
    "psycopg[binary]==3.3.9",
    "pymysql==1.2.4",
)
FRAMEWORKS = (
    "httpx==0.28.1",
    "jinja2==3.1.6",
    "litestar==2.25.0",
    *(
        ("fastapi==0.165.0", "sqlmodel==0.0.50", "starlette==1.10.0")
        if sys.version_info >= (3, 11)
        else ("fastapi==0.162.5", "sqlmodel==0.0.48", "starlette==1.7.0")  # the last releases for Python 3.10
    ),
)


class Unsupported(Exception):
    """This interpreter cannot run the series."""


def series_supported(series: str) -> bool:
    """Tell whether this interpreter can run a series."""
    return sys.version_info >= MINIMUM_PYTHON[series]


def supported() -> tuple[str, ...]:
    """List the series that this interpreter can run, oldest first."""
    return tuple(series for series in SERIES if series_supported(series))


def requirements(series: str) -> tuple[str, ...]:
    """List what is installed for a series: SQLAlchemy, drivers, and (from 2.0 on) the web frameworks."""
    return (f"sqlalchemy[asyncio]=={PINNED[series]}", *DRIVERS, *(FRAMEWORKS if series != "1.4" else ()))


def installed(series: str) -> pathlib.Path:
    """Install a series once for this interpreter; safe when several processes ask at the same time.

    Args:
        series: ``1.4``, ``2.0`` or ``2.1``.

    Returns:
        The directory to put on ``PYTHONPATH``.

    Raises:
        Unsupported: The series needs a newer Python.
    """
    if not series_supported(series):
        needed = ".".join(map(str, MINIMUM_PYTHON[series]))
        raise Unsupported(f"SQLAlchemy {series} needs Python {needed} or newer; this is {sys.version.split()[0]}")
    return packages(series, *requirements(series))


def packages(name: str, *wanted: str) -> pathlib.Path:
    """Install packages once for this interpreter; safe when several processes ask at the same time.

    Args:
        name: How their directory's name begins.
        wanted: What pip is asked for.

    Returns:
        The directory to put on ``PYTHONPATH``.
    """
    key = hashlib.sha256("\n".join(wanted).encode()).hexdigest()[:12]
    target = CACHE / f"{name}-py{sys.version_info.major}.{sys.version_info.minor}-{key}"
    if target.is_dir():
        return target
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(f"{target}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.is_dir():
            partial = pathlib.Path(tempfile.mkdtemp(prefix=target.name, dir=CACHE))
            try:
                _pip_install(partial, wanted)
                partial.rename(target)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    return target


def _pip_install(target: pathlib.Path, wanted: Sequence[str]) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*command, "--target", str(target), *wanted], capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise RuntimeError(f"pip could not install {', '.join(wanted)}:\n{done.stderr}")


def run(
    series: str,
    code: str | pathlib.Path,
    *arguments: str,
    cwd: pathlib.Path | None = None,
    timeout: float = 60,
    paths: Sequence[pathlib.Path] = (),
) -> subprocess.CompletedProcess[str]:
    """Run Python with a series of SQLAlchemy, all warnings shown.

    Args:
        series: ``1.4``, ``2.0`` or ``2.1``.
        code: Source text, or the path of a file to run.
        arguments: What the program finds in ``sys.argv[1:]``.
        cwd: Directory to run in.
        timeout: Seconds until `subprocess.TimeoutExpired`.
        paths: More directories to import from.

    Returns:
        The finished process with its output as text; its exit code is not checked.

    Raises:
        Unsupported: The series needs a newer Python.
    """
    search = os.pathsep.join(map(str, [installed(series), *paths]))
    environment = {**os.environ, "PYTHONPATH": search, "PYTHONWARNINGS": "always", "PYTHONDONTWRITEBYTECODE": "1"}
    start = [str(code)] if isinstance(code, pathlib.Path) else ["-c", code]
    return subprocess.run(
        [sys.executable, *start, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=timeout,
        env=environment,
    )
