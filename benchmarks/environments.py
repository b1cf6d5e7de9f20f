"""A virtual environment for each tool that we compare with."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

PEERS = {
    "flake8": ["flake8==7.5.0"],
    "flake8-bugbear": ["flake8==7.5.0", "flake8-bugbear==26.10.27"],
    "flake8-sqlalchemy2": ["flake8==7.5.0", "flake8-sqlalchemy2==0.3.0"],
    "flake8-async": ["flake8==7.5.0", "flake8-async==26.8.1"],
    "ruff": ["ruff==0.17.6"],
    "ast-grep": ["ast-grep-cli==0.51.1"],
}


def made(name: str, cache: Path) -> Path | None:
    """Make the environment of a tool, once.

    Returns:
        The directory of its programs; ``None`` where it cannot be installed.
    """
    place = cache / "environments" / f"{name}-{sys.version_info.major}.{sys.version_info.minor}"
    programs = place / ("Scripts" if sys.platform == "win32" else "bin")
    if (place / "complete").exists():
        return programs
    venv.create(place, clear=True, with_pip=True)
    installed = subprocess.run([programs / "python", "-m", "pip", "install", "--quiet", *PEERS[name]], check=False)
    if installed.returncode:
        return None
    (place / "complete").touch()
    return programs
