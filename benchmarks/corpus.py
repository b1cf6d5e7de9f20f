"""Real projects to measure on: pinned source distributions from PyPI, downloaded once and never run."""

from __future__ import annotations

import ast
import hashlib
import subprocess
import sys
import tarfile
import warnings
from pathlib import Path, PurePosixPath
from typing import NamedTuple


class Distribution(NamedTuple):
    """A pinned source distribution.

    Attributes:
        name: The project's name.
        version: Its version.
        sha256: The digest of the archive.
    """

    name: str
    version: str
    sha256: str


PINNED = (
    Distribution("advanced-alchemy", "1.12.0", "65d9349f91dc01327da93ece64a578c8942ce51425113116c0e28a94e6f34d4d"),
    Distribution("apache-airflow-core", "3.3.2", "53f38e7749a2689a1d67c6e661284ecddaa687c1f7f3cae2d76b2eca7758210f"),
    Distribution("chainlit", "2.12.0", "53ca71c66fd98d417039ca5fa9c68349eb8eda771b7e0235a7da531f610fe5d0"),
    Distribution("langflow-base", "0.0.96", "e11d94134836ce030f53345895cfbdba2b6b015dacaa789095022a54a07ee42a"),
    Distribution("prefect", "3.9.1", "56f091cd49a06e6c3f98eea93648208f6750361d1dd0aeb60b5faa0e9cb5c458"),
    Distribution("sqlmodel", "0.0.50", "8828720c5b6c397df72cdd055286846a352b614da80c1ba05ab7a57b2bb90821"),
)
LIBRARIES = (b"sqlalchemy", b"sqlmodel")


def build(cache: Path) -> Path:
    """Download and unpack what is not there yet.

    Args:
        cache: Directory to keep it in.

    Returns:
        The directory that holds one directory for each project.

    Raises:
        SystemExit: An archive is not the one that was pinned.
    """
    archives, place = cache / "sdists", cache / "corpus"
    archives.mkdir(parents=True, exist_ok=True)
    for item in PINNED:
        target = place / f"{item.name}-{item.version}"
        if not target.is_dir():
            _unpack(_archive(item, archives), target)
    return place


def _archive(item: Distribution, archives: Path) -> Path:
    path = archives / f"{item.name.replace('-', '_')}-{item.version}.tar.gz"
    if not path.exists():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        subprocess.run([*command, f"{item.name}=={item.version}", "--dest", str(archives)], check=True)
    if hashlib.sha256(path.read_bytes()).hexdigest() != item.sha256:
        raise SystemExit(f"{path} is not the archive that was pinned")
    return path


def _unpack(archive: Path, target: Path) -> None:
    """Write the Python files and the project's configuration, without the directory that all of them are in."""
    partial = target.with_name(f"{target.name}.partial")
    with tarfile.open(archive) as opened:
        for member in opened:
            parts = PurePosixPath(member.name).parts[1:]
            wanted = member.name.endswith((".py", ".html")) or parts in (("pyproject.toml",), ("setup.cfg",))
            if member.isfile() and wanted and parts and ".." not in parts:
                stream = opened.extractfile(member)
                path = partial.joinpath(*parts)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(stream.read() if stream is not None else b"")
    partial.rename(target)


def files(place: Path, step: int = 1) -> list[Path]:
    """List the Python files below a directory that this Python can parse.

    Args:
        place: The directory.
        step: Take one file in so many.
    """
    found = sorted(path for path in place.rglob("*.py") if path.is_file())[::step]
    return [path for path in found if _parses(path)]


def _parses(path: Path) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return False
    return True


def uses_sqlalchemy(path: Path) -> bool:
    """Tell whether a file names SQLAlchemy or SQLModel."""
    source = path.read_bytes()
    return any(library in source for library in LIBRARIES)
