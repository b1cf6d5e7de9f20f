"""Async tests and the event loops that they run in."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator

from flake8_async_sqla.semantics.classes import is_class
from flake8_async_sqla.semantics.importers import python_files
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.source import read
from flake8_async_sqla.semantics.types import External, FunctionNode, ProjectClass

_FILES = ("pytest.ini", ".pytest.ini", "pyproject.toml", "setup.cfg", "tox.ini")
_SCOPE = re.compile(r"asyncio_default_(?:test|fixture)_loop_scope\s*=\s*[\"']?(\w+)")
_AUTO = re.compile(r"asyncio[_-]mode[\s\"']*=[\s\"']*auto")
_FIXTURES = frozenset({"pytest.fixture", "pytest_asyncio.fixture"})
_CASE = ("unittest.IsolatedAsyncioTestCase", "unittest.async_case.IsolatedAsyncioTestCase")
_TEST_FILE = re.compile(r"(?:test_\w*|\w*_test|tests)\.py$")


def settings(module: Module) -> str:
    """Return the text of pytest's configuration for a module: all files that may hold it, up to the project's root."""
    return module.cached("pytest", lambda: _settings(module))  # type: ignore[return-value]


def _settings(module: Module) -> str:
    directory, root = os.path.dirname(module.path), module.project.root
    found: list[str] = []
    while directory.startswith(root):
        found.extend(read(os.path.join(directory, name)) for name in _FILES)
        if directory == root:
            break
        directory = os.path.dirname(directory)
    return "\n".join(found)


def automatic(module: Module) -> bool:
    """Tell whether pytest-asyncio runs all async tests, marked or not."""
    return _AUTO.search(settings(module)) is not None


def loops_are_shared(module: Module) -> bool:
    """Tell whether pytest's configuration gives several tests one event loop."""
    return any(scope != "function" for scope in _SCOPE.findall(settings(module)))


def conftests(module: Module) -> list[str]:
    """List the ``conftest.py`` files of the project that count for a module."""
    directory = os.path.dirname(module.path)
    near = [directory]
    while near[-1] != module.project.root and near[-1].startswith(module.project.root):
        near.append(os.path.dirname(near[-1]))
    return [path for place in near if os.path.isfile(path := os.path.join(place, "conftest.py"))]


def test_files(module: Module) -> Iterator[str]:
    """Yield the files that hold the tests which see a module's fixtures."""
    if os.path.basename(module.path) != "conftest.py":
        yield module.path
        return
    for path in python_files(os.path.dirname(module.path)):
        if _TEST_FILE.search(os.path.basename(path)):
            yield path


def async_tests(module: Module) -> Iterator[ast.AsyncFunctionDef]:
    """Yield the tests of a module that pytest-asyncio or unittest run in an event loop of their own."""
    for scope in list(module.index.scopes.values()):
        node = scope.node
        if not isinstance(node, ast.AsyncFunctionDef) or not node.name.startswith("test"):
            continue
        holder = module.parent(node)
        if isinstance(holder, (ast.Module, ast.ClassDef)) and _own_loop(module, node, holder):
            yield node


def _own_loop(module: Module, node: FunctionNode, holder: ast.Module | ast.ClassDef) -> bool:
    if isinstance(holder, ast.ClassDef) and is_class(ProjectClass(module, holder), *_CASE):
        return True
    marks = [*node.decorator_list, *(holder.decorator_list if isinstance(holder, ast.ClassDef) else [])]
    for scope in (module.index.top, module.index.scopes[holder]):
        marks += [found.value for found in scope.names.get("pytestmark", ()) if found.value is not None]
    marks = [item for mark in marks for item in (mark.elts if isinstance(mark, (ast.List, ast.Tuple)) else [mark])]
    paths = [_path(module, mark) for mark in marks]
    if "pytest.mark.anyio" in paths:
        return False
    asyncio = [mark for mark, path in zip(marks, paths, strict=True) if path == "pytest.mark.asyncio"]
    if any(isinstance(mark, ast.Call) and mark.keywords for mark in asyncio):
        return False
    return bool(asyncio) or automatic(module)


def _path(module: Module, node: ast.expr) -> str:
    kind = module.type_of(node.func if isinstance(node, ast.Call) else node)
    return kind.path if isinstance(kind, External) else ""


def fixture(module: Module, node: FunctionNode) -> ast.expr | None:
    """Return the decorator that makes a function a fixture."""
    return next((item for item in node.decorator_list if _path(module, item) in _FIXTURES), None)


def fixture_name(module: Module, node: FunctionNode, decorator: ast.expr) -> str:
    """Name a fixture as tests request it."""
    given = next((item.value for item in getattr(decorator, "keywords", ()) if item.arg == "name"), None)
    return str(given.value) if isinstance(given, ast.Constant) else node.name


def option(decorator: ast.expr, name: str) -> object:
    """Return a constant keyword of a fixture's decorator; ``None`` without one."""
    value = next((item.value for item in getattr(decorator, "keywords", ()) if item.arg == name), None)
    return value.value if isinstance(value, ast.Constant) else value


def requests(node: FunctionNode, name: str) -> bool:
    """Tell whether a test or fixture has a parameter of a name."""
    return any(argument.arg == name for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs))


def runs(module: Module, node: FunctionNode) -> int:
    """Count how often a test runs, as far as its parameters show: at least that often."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and _path(module, decorator) == "pytest.mark.parametrize":
            values = decorator.args[1] if len(decorator.args) > 1 else None
            if isinstance(values, (ast.List, ast.Tuple)) and len(values.elts) > 1:
                return 2
    return 1
