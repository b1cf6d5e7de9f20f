"""Which tests and fixtures ask for a pytest fixture."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator

from flake8_async_sqla.migrate.project import Sources
from flake8_async_sqla.semantics.index import parameters
from flake8_async_sqla.semantics.types import Function


def fixture_name(function: Function) -> str:
    """Return the name by which tests ask for a fixture."""
    for decorator in function.node.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return function.node.name


def requesting(sources: Sources, fixture: Function) -> Iterator[Function]:
    """Yield the tests and fixtures that see a fixture and ask for it by name.

    Args:
        sources: The modules that may be changed.
        fixture: The fixture; one of a ``conftest.py`` is seen by all tests below its directory.
    """
    name = fixture_name(fixture)
    folder = os.path.dirname(fixture.module.path)
    shared = os.path.basename(fixture.module.path) == "conftest.py"
    for function in sources.functions():
        path = function.module.path
        near = path == fixture.module.path or (shared and path.startswith(folder + os.sep))
        asks = any(argument.arg == name for argument, _ in parameters(function.node.args))
        if near and asks and function.node is not fixture.node and _is_run_by_pytest(function):
            yield function


def _is_run_by_pytest(function: Function) -> bool:
    decorated = any("fixture" in ast.unparse(decorator) for decorator in function.node.decorator_list)
    return decorated or function.node.name.startswith("test")
