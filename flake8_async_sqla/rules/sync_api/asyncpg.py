"""Whether a project talks to its database through asyncpg."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.engine.migrations import calls, is_environment
from flake8_async_sqla.semantics.engine.urls import urls
from flake8_async_sqla.semantics.files import watching
from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.files.project import Project
from flake8_async_sqla.semantics.files.source import look_below, python_files, read
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import call_subjects
from flake8_async_sqla.semantics.transactions.actions import resource

_MAKERS = ("create_async_engine", "async_engine_from_config", "SQLAlchemyAsyncConfig")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def uses_asyncpg(module: Module) -> bool:
    """Tell whether all async engines whose driver can be seen, of a module or else of the project, are asyncpg's."""
    own = set(_drivers(module)) if any(name in module.text for name in _MAKERS) else set()
    return (own or _of_project(module)) == {"asyncpg"}


def meets_asyncpg(module: Module, value: ast.expr, owner: ast.ClassDef | None) -> bool:
    """Tell whether a value goes to an async session, as far as the project has sync engines for others to use.

    Args:
        module: The module of the value.
        value: The value.
        owner: The model whose column has the value as its default.
    """
    if not _has_sync_engine(module.project):
        return True
    if owner is None:
        return _uses_async_session(module, module.function(value))
    return any(
        _uses_async_session(place, scope.node)
        for place in [module, *importers(module)]
        if owner.name in place.text
        for scope in list(place.index.scopes.values())
        if owner.name in scope.loads
    )


def _uses_async_session(module: Module, function: ast.AST | None) -> bool:
    if not isinstance(function, _FUNCTIONS):
        return False
    methods = (call.func for call in own_nodes(module, function, ast.Call))  # type: ignore[attr-defined]
    return any(isinstance(func, ast.Attribute) and resource(module.type_of(func.value)) for func in methods)


def _of_project(module: Module) -> set[str]:
    project = module.project
    with watching.kept_for(("drivers", project.root)):
        if project.async_drivers is None:
            found: set[str] = set()
            for other in _making(project, *_MAKERS):
                found.update(_drivers(other))
                if found - {"asyncpg"}:
                    break
            project.async_drivers = found
    return project.async_drivers


def _has_sync_engine(project: Project) -> bool:
    with watching.kept_for(("sync engine", project.root)):
        if project.has_sync_engine is None:
            project.has_sync_engine = any(
                not engine.is_async for other in _making(project, "create_engine(") for engine in _engines(other)
            )
    return project.has_sync_engine


def _making(project: Project, *makers: str) -> Iterator[Module]:
    """Yield the modules of a project that make engines, without its tests and migrations."""
    look_below(project.root)
    for path in python_files(project.root):
        text = read(path)
        if any(name in text for name in makers):
            module = project.load(path)
            if module is not None and not is_test(module) and not is_environment(module):
                yield module


def _engines(module: Module) -> Iterator[EngineCall]:
    for call in calls(module):
        for engine in call_subjects(module, call):
            if isinstance(engine, EngineCall):
                yield engine


def _drivers(module: Module) -> Iterator[str]:
    for engine in _engines(module):
        if engine.is_async:
            yield from (url.driver for url in urls(module, engine.url))
