"""A copy of a project's Python files, in which the stages work before anything is written."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from flake8_async_sqla.semantics.files.source import python_files

_CONFIGURATIONS = ("alembic.ini", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")


class Workspace:
    """The copy.

    Attributes:
        root: Its directory.
    """

    def __init__(self, project: str, directory: str, paths: Iterable[str]) -> None:
        """Copy a project's Python files.

        Args:
            project: Directory of the project.
            directory: An empty directory.
            paths: Files to copy in any case, relative to the project.
        """
        self.root = os.path.realpath(directory)
        self._project = project
        self._before: dict[str, bytes] = {}
        below = (os.path.relpath(path, project) for path in python_files(project))
        for path in dict.fromkeys([*below, *paths]):
            source = Path(project, path).read_bytes()
            self._before[path] = source
            self._put(path, source)

        for name in _CONFIGURATIONS:
            if (place := Path(project, name)).is_file() and not Path(self.root, name).exists():
                self._put(name, place.read_bytes())

    def read(self, path: str) -> bytes:
        """Return what a file holds now."""
        return Path(self.root, path).read_bytes()

    def before(self, path: str) -> bytes:
        """Return what a file of the project holds."""
        return self._before[path]

    def write(self, path: str, source: bytes) -> None:
        """Change a file of the copy."""
        self._put(path, source)

    def restore(self, paths: Iterable[str]) -> None:
        """Take the changes of some files back."""
        for path in paths:
            self._put(path, self._before[path])

    def changed(self) -> list[str]:
        """List the files that are not as they were."""
        return [path for path, source in self._before.items() if self.read(path) != source]

    def _put(self, path: str, source: bytes) -> None:
        place = Path(self.root, path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(source)
