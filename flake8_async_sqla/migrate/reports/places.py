"""Lines of the user's files, for what a later stage says about its own."""

from __future__ import annotations

import difflib
from dataclasses import replace

from flake8_async_sqla.migrate.model import Remark
from flake8_async_sqla.migrate.workspace import Workspace


class Places:
    """Maps lines of a workspace's files, as they are now, to those of the project's."""

    def __init__(self, workspace: Workspace) -> None:
        """Compare nothing yet."""
        self._workspace = workspace
        self._lines: dict[str, dict[int, int]] = {}

    def original(self, remark: Remark) -> Remark:
        """Return a remark with the line that the user's file has for it."""
        if remark.path not in self._lines:
            self._lines[remark.path] = self._compared(remark.path)
        lines = self._lines[remark.path]
        return replace(remark, line=lines.get(remark.line, remark.line)) if lines else remark

    def _compared(self, path: str) -> dict[int, int]:
        old, new = self._workspace.before(path).splitlines(), self._workspace.read(path).splitlines()
        if old == new:
            return {}
        lines: dict[int, int] = {}
        for _, first, last, start, stop in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            for line in range(start, stop):
                lines[line + 1] = min(first + line - start, max(first, last - 1)) + 1
        return lines
