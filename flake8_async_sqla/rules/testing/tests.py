"""Async tests and the event loops that they run in."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator

from flake8_async_sqla.semantics.files.source import python_files, read
from flake8_async_sqla.semantics.frameworks.fixtures import conftests, path_of
from flake8_async_sqla.semantics.inference.classes import is_class
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import FunctionNode, ProjectClass

_FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "setup.cfg", "tox.ini")
_COMMANDS = ("Makefile", "justfile", "noxfile.py", "tasks.py")
_SCOPE = re.compile(r"asyncio_default_(?:test|fixture)_loop_scope\s*=\s*[\"']?(\w+)")
_AUTO = re.compile(r"asyncio[_-]mode[\s\"']*=[\s\"']*auto")
_CASE = ("unittest.IsolatedAsyncioTestCase", "unittest.async_case.IsolatedAsyncioTestCase")
_TEST_FILE = re.compile(r"(?:test_\w*|\w*_test|tests)\.py$")


def settings(module: Module) -> str:
    """Return the text of pytest's configuration for a module: all files that may hold it, up to the project's root."""
    return module.cached("pytest", lambda: _settings(module))


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
    """Tell whether pytest-asyncio may run all async tests and fixtures, marked or not."""
    commands = (os.path.join(module.project.root, name) for name in _COMMANDS)
    texts = [settings(module), *map(read, (*commands, *conftests(module)))]
    return any(_AUTO.search(text) for text in texts)


def loops_are_shared(module: Module) -> bool:
    """Tell whether pytest's configuration gives several tests one event loop."""
    return any(scope != "function" for scope in _SCOPE.findall(settings(module)))


def test_files(module: Module) -> Iterator[str]:
    """Yield the files that hold the tests which see a module's fixtures."""
    if os.path.basename(module.path) != "conftest.py":
        yield module.path
        return
    for path in python_files(os.path.dirname(module.path)):
        if _TEST_FILE.search(os.path.basename(path)):
            yield path


def tests(module: Module) -> Iterator[FunctionNode]:
    """Yield the tests of a module: functions, and methods of classes."""
    for scope in list(module.index.scopes.values()):
        node = scope.node
        is_test = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test")
        if is_test and isinstance(module.parent(node), (ast.Module, ast.ClassDef)):
            yield node  # type: ignore[misc]


def async_tests(module: Module) -> Iterator[ast.AsyncFunctionDef]:
    """Yield the tests of a module that pytest-asyncio or unittest run in an event loop of their own."""
    for node in tests(module):
        if isinstance(node, ast.AsyncFunctionDef) and _own_loop(module, node):
            yield node


def _own_loop(module: Module, node: FunctionNode) -> bool:
    holder = module.parent(node)
    if isinstance(holder, ast.ClassDef) and is_class(ProjectClass(module, holder), *_CASE):
        return True
    found = marks(module, node)
    mark = found.get("pytest.mark.asyncio")
    if "pytest.mark.anyio" in found or (isinstance(mark, ast.Call) and mark.keywords):
        return False
    return mark is not None or automatic(module)


def marks(module: Module, node: FunctionNode) -> dict[str, ast.expr]:
    """Map the marks of a test, its class and its module to the expressions that put them."""
    holder = module.parent(node)
    found = [*node.decorator_list, *(holder.decorator_list if isinstance(holder, ast.ClassDef) else [])]
    scopes = [module.index.top, *([module.index.scopes[holder]] if isinstance(holder, ast.ClassDef) else [])]
    for scope in scopes:
        found += [binding.value for binding in scope.names.get("pytestmark", ()) if binding.value is not None]
    found = [item for mark in found for item in (mark.elts if isinstance(mark, (ast.List, ast.Tuple)) else [mark])]
    return {path: mark for mark in found if (path := path_of(module, mark))}


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
        if isinstance(decorator, ast.Call) and path_of(module, decorator) == "pytest.mark.parametrize":
            values = decorator.args[1] if len(decorator.args) > 1 else None
            if isinstance(values, (ast.List, ast.Tuple)) and len(values.elts) > 1:
                return 2
    return 1
