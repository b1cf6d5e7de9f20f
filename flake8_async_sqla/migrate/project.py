"""The modules that are to be migrated, and what they define."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.files.outlines import Outlines
from flake8_async_sqla.semantics.files.project import Project
from flake8_async_sqla.semantics.files.source import python_files
from flake8_async_sqla.semantics.mapping.classes import mapped_class
from flake8_async_sqla.semantics.mapping.model import MappedClass
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.scopes import Scope
from flake8_async_sqla.semantics.settings import Settings
from flake8_async_sqla.semantics.types import Function, ProjectClass

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Options:
    """What a migration does when it is asked to.

    Attributes:
        bridge: Leave functions synchronous that only work with a session they are given.
        threads: Hand blocking calls to threads.
    """

    bridge: bool = False
    threads: bool = False


DEFAULT = Options()


class _Everything(Outlines):
    """Takes every file into account: a base class without IO may have subclasses that do it."""

    def relevant(self, path: str) -> bool:
        """Take it."""
        return True


class Sources:
    """The modules that may be changed.

    Attributes:
        project: All modules below the root, those that stay as they are included.
        modules: The modules that may be changed.
        skipped: The files that are too large to be read.
        options: What the migration shall do besides.
    """

    def __init__(self, root: str, paths: Sequence[str], settings: Settings, options: Options = DEFAULT) -> None:
        """Read the modules.

        Args:
            root: Directory of the project.
            paths: The files that may be changed, relative to it.
            settings: The user's options.
            options: What the migration shall do besides.
        """
        self.options = options
        self.project = Project(root, settings)
        self.project.outlines = _Everything(self.project.resolve)
        loaded = {path: self.project.load(os.path.join(self.project.root, path)) for path in paths}
        self.modules = [module for module in loaded.values() if module is not None]
        self.skipped = [path for path, module in loaded.items() if module is None]
        for module in self.modules:
            module.index.complete()

    def functions(self) -> Iterator[Function]:
        """Yield all functions and methods, nested ones included."""
        for module in self.modules:
            for node in module.index.scopes:
                if isinstance(node, FUNCTIONS):
                    yield Function(module, node)

    def is_test(self, module: Module) -> bool:
        """Tell whether a module belongs to the tests."""
        return is_test(module)


def home(module: Module, node: ast.AST) -> Scope:
    """Return the scope that runs a node: a function, lambda, class body or the module; comprehensions run in place."""
    scope = module.scope_of(node)
    while scope.kind == "comprehension" and scope.parent is not None:
        scope = scope.parent
    return scope


def nodes(module: Module, *kinds: type) -> Iterator[ast.AST]:
    """Yield the nodes of some kinds in all scopes of a module, scope by scope."""
    for scope in module.index.scopes.values():
        for node in scope.nodes:
            if isinstance(node, kinds):
                yield node


def mapped_classes(sources: Sources) -> Iterator[tuple[ProjectClass, MappedClass]]:
    """Yield the mapped classes of the modules, with what SQLAlchemy makes of them."""
    for module in sources.modules:
        for node in nodes(module, ast.ClassDef):
            assert isinstance(node, ast.ClassDef)
            cls = ProjectClass(module, node)
            if (mapped := mapped_class(cls)) is not None:
                yield cls, mapped


def loaded(module: Module) -> Iterator[ast.expr]:
    """Yield the names and attributes that a module reads."""
    for scope in module.index.scopes.values():
        for uses in scope.loads.values():
            yield from uses
        for node in scope.nodes:
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                yield node


def files_below(root: str, places: Sequence[str]) -> list[str]:
    """List the Python files in files and directories, relative to the root.

    Args:
        root: Directory of the project.
        places: Files and directories below it.
    """
    found: list[str] = []
    for place in places:
        listed = [place] if os.path.isfile(place) else python_files(place)
        found.extend(os.path.relpath(os.path.abspath(path), root) for path in listed)
    return list(dict.fromkeys(found))
