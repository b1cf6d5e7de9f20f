"""Whether a project talks to its database through asyncpg."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.engine.migrations import calls, is_environment
from flake8_async_sqla.semantics.engine.urls import urls
from flake8_async_sqla.semantics.files.source import look_below, python_files, read
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import call_subjects

_MAKERS = ("create_async_engine", "async_engine_from_config", "SQLAlchemyAsyncConfig")


def uses_asyncpg(module: Module) -> bool:
    """Tell whether all async engines whose driver can be seen, of a module or else of the project, are asyncpg's."""
    own = set(_drivers(module)) if any(name in module.text for name in _MAKERS) else set()
    return (own or _of_project(module)) == {"asyncpg"}


def _of_project(module: Module) -> set[str]:
    project = module.project
    look_below(project.root)
    if project.async_drivers is None:
        found: set[str] = set()
        for path in python_files(project.root):
            if found - {"asyncpg"}:
                break
            text = read(path)
            if any(name in text for name in _MAKERS):
                other = project.load(path)
                if other is not None and not is_test(other) and not is_environment(other):
                    found.update(_drivers(other))
        project.async_drivers = found
    return project.async_drivers


def _drivers(module: Module) -> Iterator[str]:
    for call in calls(module):
        for engine in call_subjects(module, call):
            if isinstance(engine, EngineCall) and engine.is_async:
                yield from (url.driver for url in urls(module, engine.url))
