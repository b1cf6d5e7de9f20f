"""The project around a file: finding and holding its other modules, each read when first asked for."""

from __future__ import annotations

import ast
import functools
import os
import re
import sys
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from flake8_async_sqla.semantics.files import places, watching
from flake8_async_sqla.semantics.files.memory import release
from flake8_async_sqla.semantics.files.outlines import Outlines
from flake8_async_sqla.semantics.files.source import decode, find_root, inside, read, read_bytes
from flake8_async_sqla.semantics.settings import Settings

if TYPE_CHECKING:
    from flake8_async_sqla.semantics.module import Module
    from flake8_async_sqla.semantics.types import Type

Key = TypeVar("Key")
Result = TypeVar("Result")

_NAME = re.compile(r"^name\s*=\s*[\"']([\w.-]+)", re.MULTILINE)
MAX_DEPTH = 60
MAX_HELD = 8_000_000
MAX_PROJECTS = 2
MAX_HELD_BESIDE = 1_000_000
THIRD_PARTY = frozenset(
    {
        "advanced_alchemy", "aiohttp", "alembic", "anyio", "celery", "fastapi", "flask", "litestar", "pydantic",
        "pydantic_settings", "pytest", "pytest_asyncio", "quart", "sanic", "sqlalchemy", "sqlmodel", "starlette",
        "strawberry", "typing_extensions",
    }
)  # fmt: skip


class Project:
    """All modules below one root directory.

    Attributes:
        root: Absolute path; nothing outside it is ever read.
        settings: The user's options.
        held: Characters of the modules that it holds.
        cuts: How often a question was cut short, because it depends on itself or goes too deep.
    """

    def __init__(self, root: str, settings: Settings) -> None:
        """Start with no module read."""
        self.root = os.path.abspath(root)
        self.settings = settings
        self._modules: dict[str, Module | None] = {}
        self._found: dict[tuple[str, str], str | None] = {}
        self.held = 0
        self.outlines = Outlines(self.resolve)
        self._active: set[object] = set()
        self._provisional: dict[object, object] = {}
        self.cuts = 0
        self.importers: dict[str, set[str]] | None = None
        self.overrides: list[Type] | None = None
        self.declaring: dict[str, dict[str, list[str]]] = {}
        self.environments: list[str] | None = None
        self.async_drivers: set[str] | None = None
        self.has_sync_engine: bool | None = None

    def add(self, path: str, text: str, tree: ast.Module | None = None, data: bytes | None = None) -> Module:
        """Hold a module; its tree need not be there yet."""
        from flake8_async_sqla.semantics.module import Module

        path = os.path.abspath(path)
        self.held += len(text)
        module = self._modules[path] = Module(self, path, text, tree, data)
        return module

    def take(self, path: str, tree: ast.Module, text: str, *, reuse: bool) -> Module:
        """Hold the module that is to be checked next.

        All modules are dropped together: when their text exceeds `MAX_HELD` characters, so that memory stays bounded,
        and when a new tree takes the place of one that others may know nodes of.

        Args:
            path: Its file.
            tree: Its tree.
            text: Its text.
            reuse: Whether nodes that were read of the same text before will do.
        """
        held = self._modules.get(os.path.abspath(path))
        same = held is not None and held.text == text
        if held is not None and same and (reuse or held.shares(tree)) and self.held <= MAX_HELD:
            held.index.fill(tree)
            return held
        if held is not None or self.held > MAX_HELD:
            held = None
            self._modules.clear()
            release(self.held)
            self.held = 0
        return self.add(path, text, tree)

    def tree(self, path: str, text: str) -> ast.Module | None:
        """Return the whole tree of a file, if it was parsed for some other file's sake and holds this text."""
        held = self._modules.get(os.path.abspath(path))
        return held.tree if held is not None and held.text == text and held.index.whole else None

    def load(self, path: str) -> Module | None:
        """Read a module of the project, once; ``None`` if it cannot be read, or lies outside the root."""
        if watching.record is not None:
            watching.record.saw(path)
            watching.share(path, ("file", path))
        if path not in self._modules:
            self._modules[path] = None
            if inside(path, self.root) and (data := read_bytes(path)) is not None:
                text = decode(data)
                self.add(
                    path,
                    data.decode("utf-8", "replace") if text is None else text,
                    None,
                    data if text is None else None,
                )
        return self._modules[path]

    def find(self, name: str, path: str) -> str | None:
        """Find the file of an absolutely imported module.

        Args:
            name: Dotted module name.
            path: File that imports it.

        Returns:
            Path of the file, or of the directory of a namespace package; ``None`` for a module outside the project.
        """
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or (top in THIRD_PARTY and top != self._distribution):
            return None
        key = (_directory(path), name)
        found = self._answer(key, lambda: self._search(*key))
        return None if found == path and os.path.basename(path) != "__init__.py" else found

    def resolve(self, source: str, path: str) -> str | None:
        """Find the file of an imported module, relative ones included.

        Args:
            source: Dotted name, with leading dots where the import is relative.
            path: File that imports it.
        """
        name = source.lstrip(".")
        level = len(source) - len(name)
        if not level:
            return self.find(name, path)
        key = (_directory(path), source)
        return self._answer(key, lambda: self._relative(key[0], name, level))

    def _answer(self, key: tuple[str, str], search: Callable[[], str | None]) -> str | None:
        if watching.record is not None:
            watching.record.saw(("found", "\0".join(key)))
        if key not in self._found:
            with watching.kept_for(("found", "\0".join(key))):
                self._found[key] = self._own(search())
        return self._found[key]

    @functools.cached_property
    def _distribution(self) -> str:
        """Name of the package that the project itself is, so that a library's own modules are its project's."""
        match = _NAME.search(read(os.path.join(self.root, "pyproject.toml")))
        return match[1].lower().replace("-", "_") if match is not None else ""

    def _own(self, path: str | None) -> str | None:
        return path if path is not None and inside(path, self.root) else None

    def _relative(self, directory: str, name: str, level: int) -> str | None:
        for _ in range(level - 1):
            directory = os.path.dirname(directory)
        if name:
            return places.locate(directory, name.split("."))
        return os.path.join(directory, "__init__.py") if "__init__.py" in places.listing(directory) else directory

    def _search(self, directory: str, name: str) -> str | None:
        ancestors = places.ancestors(directory, self.root)
        packages = [place for place in ancestors if "__init__.py" in places.listing(place)]
        plain = [place for place in ancestors if place not in packages]
        parts = name.split(".")
        for place in [*plain, os.path.join(self.root, "src"), *packages]:
            if (found := places.locate(place, parts)) is not None:
                return found
        return None

    @property
    def asked(self) -> bool:
        """Whether a question is under way, so that answers may be cut short."""
        return bool(self._active)

    def certain(self, cuts: int) -> bool:
        """Tell whether nothing was cut short since ``cuts`` was read, so that an answer may be kept."""
        return self.cuts == cuts and not self._provisional

    def solve(
        self, key: Key, memo: dict[Key, Result], compute: Callable[[], Result], unknown: Result, owner: str
    ) -> Result:
        """Compute something once for a module, its owner, and answer ``unknown`` where the answer depends on itself.

        What was cut short inside a cycle is kept for the outermost question only, so that answers do not depend on
        the order of questions.
        """
        if key in memo:
            return memo[key]
        active = self._active
        if self._provisional and key in self._provisional:
            return self._provisional[key]  # type: ignore[return-value]
        if key in active or len(active) >= MAX_DEPTH:
            self.cuts += 1
            return unknown
        before = self.cuts
        active.add(key)
        if (record := watching.record) is not None:
            record.enter(owner)
        try:
            result = compute()
        finally:
            active.discard(key)
            if record is not None:
                record.leave()
        if self.cuts == before or not active:
            memo[key] = result
        else:
            self._provisional[key] = result
        if not active and self._provisional:
            self._provisional.clear()
        return result


_directory = cache(os.path.dirname)
_PROJECTS: dict[tuple[str, int], Project] = {}
_ROOTS: dict[str, str] = {}


def project_of(path: str, settings: Settings) -> Project:
    """Return the project that a file belongs to, the same object for files in succession; a few are held."""
    directory = os.path.dirname(os.path.abspath(path))
    root = settings.root or _ROOTS.get(directory)
    if root is None:
        root = _ROOTS[directory] = find_root(path)
    key = (os.path.abspath(root), id(settings))
    project = _PROJECTS.pop(key) if key in _PROJECTS else Project(root, settings)
    while len(_PROJECTS) >= MAX_PROJECTS or sum(other.held for other in _PROJECTS.values()) > MAX_HELD_BESIDE:
        release(_PROJECTS.pop(next(iter(_PROJECTS))).held)
    _PROJECTS[key] = project
    return project


def forget() -> None:
    """Drop everything read so far; for callers that change files."""
    held = sum(project.held for project in _PROJECTS.values())
    _PROJECTS.clear()
    _ROOTS.clear()
    release(held)
    places.forget()
