"""Libraries that stand on SQLAlchemy, for the proofs that run them."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.sqlalchemy_versions import CACHE

TOOLS = (
    "pandas==3.1.1" if sys.version_info >= (3, 11) else "pandas==2.3.3",  # the last release for Python 3.10
    "sqlalchemy-utils==0.43.0",
    "apscheduler==3.11.3",
)
ALEMBIC = ("alembic==1.20.1",)
PYTEST = ("pytest==9.2.0", "pytest-asyncio==1.5.0")


def installed_tools(wanted: tuple[str, ...] = TOOLS) -> Path:
    """Install libraries once for this interpreter, and give the directory to import them from.

    Args:
        wanted: The libraries, as pip wants them.

    Raises:
        subprocess.CalledProcessError: pip cannot install them.
    """
    key = hashlib.sha256("\n".join(wanted).encode()).hexdigest()[:12]
    target = CACHE.parent / "tools" / f"py{sys.version_info.major}.{sys.version_info.minor}-{key}"
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{target}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.is_dir():
            partial = Path(tempfile.mkdtemp(prefix=target.name, dir=target.parent))
            try:
                command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
                subprocess.run([*command, "--target", str(partial), *wanted], check=True, timeout=600)
                partial.rename(target)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    return target
