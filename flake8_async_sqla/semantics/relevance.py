"""Which files of a project can matter to a rule at all: told from their text, before any is parsed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from flake8_async_sqla.semantics.source import MAX_BYTES

_MENTION = re.compile(
    rb"sqlalchemy|sqlmodel|advanced_alchemy|alembic|postgres|sqlite|mysql|mariadb|mssql|oracle"
    rb"|fastapi|starlette|litestar|aiohttp|sanic|quart|contextvars"
)
_LIBRARY = re.compile(rb"sqlalchemy|sqlmodel|alembic")
_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)|import[ \t]+([\w., \t]+))", re.MULTILINE
)
_NAME = re.compile(r"[A-Za-z_]\w*(?=\s*(?:,|\)|$|\sas\s|\n|#|\\))")


class Relevance:
    """Answers, for the files of one project, whether they or what they import name a database or a web framework."""

    def __init__(self, resolve: Callable[[str, str], str | None], mention: re.Pattern[bytes] = _MENTION) -> None:
        """Start with nothing read.

        Args:
            resolve: Finds the file of a module, given its dotted name (with leading dots) and the importing file.
            mention: What a file that matters names.
        """
        self._resolve = resolve
        self._mention = mention
        self._known: dict[str, bool] = {}
        self._naming = Relevance(resolve, _LIBRARY) if mention is not _LIBRARY else self

    def imports_database_code(self, path: str, source: str) -> bool:
        """Tell whether a file imports, directly or not, a module of the project that names SQLAlchemy or SQLModel.

        Args:
            path: The file; it need not exist.
            source: Its text.
        """
        return any(self._naming(imported) for imported in self._imports(path, source.encode("utf-8", "replace")))

    def __call__(self, path: str) -> bool:
        """Tell whether a file, or one that it imports, names something that rules look at.

        Args:
            path: A file, or a directory without ``__init__.py``, which counts.
        """
        if path in self._known:
            return self._known[path]
        seen = {path}
        waiting = [path]
        while waiting:
            current = waiting.pop()
            if self._known.get(current) or not current.endswith(".py"):
                found = True
                break
            data = _read(current)
            if self._mention.search(data):
                self._known[current] = True
                found = True
                break
            for imported in self._imports(current, data):
                if imported not in seen and self._known.get(imported, True):
                    seen.add(imported)
                    waiting.append(imported)
        else:
            found = False
            self._known.update(dict.fromkeys(seen, False))
        self._known[path] = found
        return found

    def _imports(self, path: str, data: bytes) -> list[str]:
        found: list[str] = []
        for match in _IMPORT.finditer(data):
            if match[3] is not None:
                names = [part.split(" as ")[0].strip() for part in match[3].decode("utf-8", "replace").split(",")]
            else:
                source = match[1].decode("utf-8", "replace")
                joint = source if source.endswith(".") else f"{source}."
                names = [source, *(joint + name for name in _NAME.findall(match[2].decode("utf-8", "replace")))]
            found.extend(file for name in names if name and (file := self._resolve(name, path)) is not None)
        return [file for file in found if file.endswith(".py")]


def _read(path: str) -> bytes:
    try:
        if os.stat(path).st_size > MAX_BYTES:
            return b""
        with open(path, "rb") as stream:
            return stream.read()
    except OSError:
        return b""
