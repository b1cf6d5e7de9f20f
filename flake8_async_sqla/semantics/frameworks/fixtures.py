"""pytest's fixtures: what a parameter without annotation gets from the fixture of its name."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator

from flake8_async_sqla.semantics.files.source import kind_of
from flake8_async_sqla.semantics.frameworks.dependencies import provides
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.imports import global_type
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.names.scopes import Scope
from flake8_async_sqla.semantics.types import (
    UNKNOWN,
    External,
    Function,
    FunctionNode,
    Instance,
    ProjectClass,
    ProjectInstance,
    Type,
    join,
)

_FIXTURES = frozenset({"pytest.fixture", "pytest_asyncio.fixture"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def conftests(module: Module) -> list[str]:
    """List the ``conftest.py`` files of the project that count for a module, nearest first."""
    return conftests_near(module.path, module.project.root)


def conftests_near(path: str, root: str) -> list[str]:
    """List the ``conftest.py`` files that count for a file, nearest first.

    Args:
        path: The file; it need not exist.
        root: The root of the project.
    """
    near = [os.path.dirname(path)]
    while near[-1] != root and near[-1].startswith(root):
        near.append(os.path.dirname(near[-1]))
    return [path for place in near if kind_of(path := os.path.join(place, "conftest.py")) == "file"]


def fixture(module: Module, node: FunctionNode) -> ast.expr | None:
    """Return the decorator that makes a function a fixture."""
    return next((item for item in node.decorator_list if fixture_kind(module, item)), None)


def fixture_kind(module: Module, decorator: ast.expr) -> str:
    """Return the path of the function that makes a fixture, ``pytest.fixture`` or its like; empty for others."""
    path = path_of(module, decorator)
    return path if path in _FIXTURES else ""


def fixture_name(module: Module, node: FunctionNode, decorator: ast.expr) -> str:
    """Name a fixture as tests request it."""
    given = next((item.value for item in getattr(decorator, "keywords", ()) if item.arg == "name"), None)
    return str(given.value) if isinstance(given, ast.Constant) else node.name


def path_of(module: Module, decorator: ast.expr) -> str:
    """Return the canonical path of a decorator that is no function of the project; empty for others."""
    kind = module.type_of(uncalled(decorator))
    return kind.path if isinstance(kind, External) else ""


def requested(module: Module, node: ast.arg, scope: Scope) -> Type:
    """Infer what pytest gives a parameter of a test or a fixture.

    Args:
        module: The module of the function.
        node: The parameter.
        scope: The function's scope.
    """
    found = requested_fixture(module, scope, node.arg)
    return _given(found) if found is not None else UNKNOWN


def requested_fixture(module: Module, scope: Scope, name: str) -> Function | None:
    """Return the fixture that a test, or another fixture, asks for by a parameter.

    Args:
        module: The module of the function.
        scope: The function's scope.
        name: The parameter.
    """
    function = scope.node
    if not isinstance(function, _FUNCTIONS) or not (
        function.name.startswith("test") or (function.decorator_list and "fixture" in module.text)
    ):
        return None
    if not _asks(module, function, name):
        return None
    return next((found for found in _fixtures(module, scope.parent, name) if found.node is not function), None)


def _given(found: Function) -> Type:
    """Infer what a fixture gives; what it returns counts more than its annotation, which nobody checks."""
    from flake8_async_sqla.semantics.inference.functions import is_generator, returned

    if not is_generator(found.module, found.node):
        value = join([found.module.type_of(value) for value in returned(found.module, found.node)])
        if isinstance(value, Instance):
            return value
    return provides(found)


def _asks(module: Module, function: FunctionNode, name: str) -> bool:
    """Tell whether pytest, and nobody else, gives a function its arguments, and this one from a fixture."""
    holder = module.parent(function)
    decorators = [*function.decorator_list, *(holder.decorator_list if isinstance(holder, ast.ClassDef) else ())]
    if not isinstance(holder, (ast.Module, ast.ClassDef)) or not (
        function.name.startswith("test") or fixture(module, function) is not None
    ):
        return False
    for decorator in decorators:
        path = path_of(module, decorator)
        if not path.startswith(("pytest.mark.", "pytest.fixture", "pytest_asyncio.")):
            return False
        if path == "pytest.mark.parametrize" and isinstance(decorator, ast.Call) and _names(decorator, name):
            return False
    return True


def _names(parametrize: ast.Call, name: str) -> bool:
    given = [*parametrize.args[:1], *(item.value for item in parametrize.keywords if item.arg == "argnames")]
    constants = [node.value for part in given for node in ast.walk(part) if isinstance(node, ast.Constant)]
    return not constants or any(name in str(value).replace(",", " ").split() for value in constants)


def _fixtures(module: Module, scope: Scope | None, name: str) -> Iterator[Function]:
    """Yield the fixtures of a name, those that hide others first."""
    if scope is not None and isinstance(scope.node, ast.ClassDef):
        receiver = ProjectInstance(ProjectClass(module, scope.node))
        for binding in scope.names.get(name, ()):
            if isinstance(binding.node, _FUNCTIONS) and fixture(module, binding.node) is not None:
                yield Function(module, binding.node, receiver)
    yield from _of_module(module, name)
    for path in conftests(module):
        if path != module.path and (place := module.project.load(path)) is not None:
            yield from _of_module(place, name)


def _of_module(module: Module, name: str) -> Iterator[Function]:
    """Yield the fixture of a name that a module defines or imports."""
    if name not in module.text:
        return
    if (own := module.cached("fixtures", lambda: _own(module)).get(name)) is not None:
        yield Function(module, own)
        return
    found = global_type(module, name)
    if isinstance(found, Function) and found.module != module and fixture(found.module, found.node) is not None:
        yield found


def _own(module: Module) -> dict[str, FunctionNode]:
    found: dict[str, FunctionNode] = {}
    if "fixture" in module.text:
        for node in module.tree.body:
            if isinstance(node, _FUNCTIONS) and (decorator := fixture(module, node)) is not None:
                found[fixture_name(module, node, decorator)] = node
    return found
