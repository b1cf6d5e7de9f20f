"""What the text of a file tells without being parsed: what it names, and what it imports."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from flake8_async_sqla.semantics.files import watching
from flake8_async_sqla.semantics.files.source import read_bytes

LIBRARIES = (b"sqlalchemy", b"sqlmodel", b"alembic")
_OTHERS = (
    b"advanced_alchemy", b"postgres", b"sqlite", b"mysql", b"mariadb", b"mssql", b"oracle", b"fastapi", b"starlette",
    b"litestar", b"aiohttp", b"sanic", b"quart", b"contextvars",
)  # fmt: skip
# What another file implements, with SQLAlchemy or without.
_ABSTRACT = (b"abstractmethod", b"Protocol)", b"Protocol[")
_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)|import[ \t]+([\w., \t]+))", re.MULTILINE
)
_NAME = re.compile(r"[A-Za-z_]\w*(?=\s*(?:,|\)|$|\sas\s|\n|#|\\))")


class Outline:
    """One file.

    Attributes:
        database: Whether it names SQLAlchemy or SQLModel, or may be an abstract side of what does.
        relevant: Whether it names anything that rules look at.
        sources: What it imports: dotted names of modules, with the names taken out of each.
    """

    __slots__ = ("_files", "database", "relevant", "sources")

    def __init__(self, data: bytes) -> None:
        """Look through the text."""
        self.database = any(library in data for library in LIBRARIES) or (
            b"async def" in data and any(word in data for word in _ABSTRACT)
        )
        self.relevant = self.database or any(name in data for name in _OTHERS)
        self.sources: list[tuple[str, list[str]]] = []
        for match in _IMPORT.finditer(data) if b"import" in data else ():
            if match[3] is not None:
                for part in match[3].decode("utf-8", "replace").split(","):
                    name = part.split(" as ")[0].strip()
                    self.sources.extend((source, []) for source in {name, name.partition(".")[0]})
            else:
                names = _NAME.findall(match[2].decode("utf-8", "replace"))
                self.sources.append((match[1].decode("utf-8", "replace"), names))
        self._files: list[str] | None = None

    def imports(self, path: str, resolve: Callable[[str, str], str | None]) -> list[str]:
        """List the files of the project that the file imports.

        Args:
            path: The file.
            resolve: Finds the file of a module, given its dotted name (with leading dots) and the importing file.
        """
        if self._files is None:
            found: list[str] = []
            for source, names in self.sources:
                if source and (file := resolve(source, path)) is not None:
                    joint = source if source.endswith(".") else f"{source}."
                    is_package = not file.endswith(".py") or os.path.basename(file) == "__init__.py"
                    inner = (resolve(joint + name, path) for name in names) if is_package else ()
                    found.extend(item for item in (file, *inner) if item is not None and item.endswith(".py"))
            self._files = list(dict.fromkeys(found))
        return self._files


class Outlines:
    """The outlines of the files of one project, each read once."""

    def __init__(self, resolve: Callable[[str, str], str | None]) -> None:
        """Start with nothing read.

        Args:
            resolve: Finds the file of a module, given its dotted name (with leading dots) and the importing file.
        """
        self._resolve = resolve
        self._known: dict[str, Outline] = {}
        self._relevant: dict[str, bool] = {}
        self._database: dict[str, bool] = {}

    def __getitem__(self, path: str) -> Outline:
        """Return the outline of a file."""
        owner = ("outline", path)
        if watching.record is not None:
            watching.record.saw(owner)
        if (found := self._known.get(path)) is None:
            with watching.kept_for(owner):
                found = self._known[path] = Outline(read_bytes(path) or b"")
        return found

    def imports(self, path: str) -> list[str]:
        """List the files of the project that a file imports."""
        if watching.record is None:
            return self[path].imports(path, self._resolve)
        with watching.kept_for(("outline", path)):
            return self[path].imports(path, self._resolve)

    def relevant(self, path: str) -> bool:
        """Tell whether a file, or one that it imports, names something that rules look at.

        Args:
            path: A file, or a directory without ``__init__.py``, which counts.
        """
        return self._reaches(path, self._relevant, lambda outline: outline.relevant)

    def imports_database_code(self, path: str, text: str) -> bool:
        """Tell whether a file imports, directly or not, a module of the project that names SQLAlchemy or SQLModel.

        Args:
            path: The file; it need not exist.
            text: Its text.
        """
        outline = Outline(text.encode("utf-8", "replace"))
        return any(
            self._reaches(imported, self._database, lambda outline: outline.database)
            for imported in outline.imports(path, self._resolve)
        )

    def _reaches(self, path: str, known: dict[str, bool], fits: Callable[[Outline], bool]) -> bool:
        if watching.record is None and path in known:
            return known[path]
        with watching.kept_for(("reach", path)):
            if path not in known:
                known[path] = self._follow(path, known, fits)
            return known[path]

    def _follow(self, path: str, known: dict[str, bool], fits: Callable[[Outline], bool]) -> bool:
        seen, waiting, found = {path}, [path], False
        while waiting and not found:
            current = waiting.pop()
            found = _recall(known, current) or not current.endswith(".py") or fits(self[current])
            if not found:
                new = [item for item in self.imports(current) if item not in seen and _recall(known, item) is not False]
                seen.update(new)
                waiting.extend(new)
            elif current.endswith(".py"):
                known[current] = True
                watching.share(("reach", current), ("outline", current))
        if not found:
            known.update(dict.fromkeys(seen, False))
            for item in seen if watching.record is not None else ():
                watching.share(("reach", item), ("reach", path))
        return found


def _recall(known: dict[str, bool], path: str) -> bool | None:
    if (answer := known.get(path)) is not None and watching.record is not None:
        watching.record.saw(("reach", path))
    return answer
