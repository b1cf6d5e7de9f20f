"""Which tests and fixtures ask for a pytest fixture, and which fixture a parameter asks for."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator

from flake8_async_sqla.migrate.project import Sources
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import parameters
from flake8_async_sqla.semantics.names.imports import source_of
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.types import Function


def fixture_name(function: Function) -> str:
    """Return the name by which tests ask for a fixture."""
    for decorator in function.node.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return function.node.name


def is_fixture(function: Function) -> bool:
    """Tell whether a function looks like a pytest fixture."""
    targets = (uncalled(item) for item in function.node.decorator_list)
    return any(ast.unparse(target).rpartition(".")[2] == "fixture" for target in targets)


def requesting(sources: Sources, fixture: Function) -> Iterator[Function]:
    """Yield the tests and fixtures that see a fixture and ask for it by name.

    Args:
        sources: The modules that may be changed.
        fixture: The fixture.
    """
    name = fixture_name(fixture)
    for function in sources.functions():
        asked = {argument.arg for argument, _ in parameters(function.node.args)} | _used(function)
        own = function.node is fixture.node
        if name in asked and not own and _is_run_by_pytest(function) and _sees(function.module, fixture):
            yield function


def requested(fixtures: list[Function], function: Function, name: str) -> Function | None:
    """Find the fixture that a parameter of a test or fixture asks for, the nearest one.

    Args:
        fixtures: All fixtures.
        function: The test or fixture.
        name: The parameter.
    """
    if not _is_run_by_pytest(function):
        return None
    same = [item for item in fixtures if fixture_name(item) == name and item.node is not function.node]
    seen = [item for item in same if _sees(function.module, item)]
    return max(seen, key=lambda item: (item.module == function.module, len(item.module.path)), default=None)


def _sees(module: Module, fixture: Function) -> bool:
    """Tell whether the tests of a module see a fixture: their own, an imported one, or a ``conftest.py``'s above."""
    if module == fixture.module:
        return True
    folder, file = os.path.split(fixture.module.path)
    if file == "conftest.py" and module.path.startswith(folder + os.sep):
        return True
    for binding in module.index.top.names.get(fixture.node.name, ()):
        source = source_of(module, binding.target) if binding.kind == "import" else None
        if source is not None and source[0] == fixture.module:
            return True
    return False


def _used(function: Function) -> set[str]:
    """List the fixtures that ``usefixtures`` names."""
    found: set[str] = set()
    for decorator in function.node.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("usefixtures"):
            found |= {str(value.value) for value in decorator.args if isinstance(value, ast.Constant)}
    return found


def _is_run_by_pytest(function: Function) -> bool:
    return is_fixture(function) or function.node.name.startswith("test")
