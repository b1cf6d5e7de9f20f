"""Tests and fixtures that become coroutine functions: anyio's pytest plugin, which FastAPI brings, runs them."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

from flake8_async_sqla.fixes.vocabulary import (
    AddDecorator,
    AddKeyword,
    Code,
    InsertBefore,
    ReplaceExpression,
)
from flake8_async_sqla.migrate.colouring.colour import Colouring
from flake8_async_sqla.migrate.colouring.roles import role
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.model import Plan
from flake8_async_sqla.migrate.project import Sources
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Function

_BACKEND = "anyio_backend"
_CONFIGURATIONS = ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
_AUTO = re.compile(r"""^\s*asyncio_mode\s*=\s*["']?auto""", re.MULTILINE)
_ASYNCIO = {"asyncio": "pytest_asyncio"}
_PYTEST = {"pytest": "pytest"}
_BACKEND_FIXTURE = '@{{pytest}}.fixture(scope="session"{arguments})\ndef anyio_backend():\n    return "asyncio"'
# While it lasts, anyio's plugin runs all tests in one event loop: the one that a pool's connections belong to.
_LOOP_FIXTURE = """\
@{pytest}.fixture(scope="session", autouse=True)
async def one_event_loop(anyio_backend: str) -> {iterator}[None]:
    yield"""


def pytest_edits(kinds: Kinds, sources: Sources, colouring: Colouring, plan: Plan) -> None:
    """Plan the marks of asynchronous tests, and the fixture that chooses their event loop."""
    if _has_asyncio_mode(sources.project.root):
        _asyncio_edits(kinds, colouring, plan)
        return
    modules: dict[Module, None] = {}
    automatic: list[Function] = []
    for function, _ in colouring.coloured.values():
        found = role(kinds, function).kind
        if found == "test":
            _test(function, plan)
        if found == "fixture" and _is_automatic(function):
            automatic.append(function)
        if found in ("test", "fixture"):
            modules[function.module] = None
    given = {module for module in sources.modules if _BACKEND in module.index.top.names}
    for function in automatic:
        if any(_is_seen(other, function.module) for other in given):
            reason = f"an asynchronous fixture that is automatic needs an automatic {_BACKEND} fixture"
            plan.refuse(function.module, function.node, reason)
    kept = not colouring.clients.change or any(_lasts(function) for function in automatic)
    for module in sorted(modules, key=_outermost_first):
        if not any(_is_seen(other, module) for other in given):
            code = _BACKEND_FIXTURE.format(arguments=", autouse=True" if automatic else "")
            symbols = _PYTEST
            if not kept:
                code, symbols = f"{code}\n\n\n{_LOOP_FIXTURE}", {**_PYTEST, "iterator": "collections.abc.AsyncIterator"}
            plan.edit(module, InsertBefore(_first_definition(module), Code(code, {}, symbols)))
            given.add(module)


def _has_asyncio_mode(root: str) -> bool:
    """Tell whether pytest-asyncio takes all asynchronous tests and fixtures, also those that anyio's plugin wants."""
    places = (os.path.join(root, name) for name in _CONFIGURATIONS)
    texts = (Path(place).read_text(encoding="utf-8", errors="replace") for place in places if os.path.isfile(place))
    return any(_AUTO.search(text) for text in texts)


def _asyncio_edits(kinds: Kinds, colouring: Colouring, plan: Plan) -> None:
    """Plan one event loop for all tests and fixtures, where connections belong to theirs."""
    for function, _ in colouring.coloured.values() if colouring.clients.change else ():
        module, found = function.module, role(kinds, function).kind
        if found == "test":
            code = Code('{pytest}.mark.asyncio(loop_scope="session")', {}, _PYTEST)
            plan.edit(module, AddDecorator(function.node, code))
        for decorator in function.node.decorator_list if found == "fixture" else ():
            if isinstance(decorator, ast.Call):
                plan.edit(module, ReplaceExpression(decorator.func, Code("{asyncio}.fixture", {}, _ASYNCIO)))
                plan.edit(module, AddKeyword(decorator, "loop_scope", Code('"session"')))
            else:
                code = Code('{asyncio}.fixture(loop_scope="session")', {}, _ASYNCIO)
                plan.edit(module, ReplaceExpression(decorator, code))


def _outermost_first(module: Module) -> tuple[int, bool, str]:
    folder, file = os.path.split(module.path)
    return folder.count(os.sep), file != "conftest.py", module.path


def _is_seen(holder: Module, module: Module) -> bool:
    """Tell whether the tests of a module see the fixtures of another."""
    folder, file = os.path.split(holder.path)
    return holder == module or (file == "conftest.py" and module.path.startswith(folder + os.sep))


def _test(function: Function, plan: Plan) -> None:
    module, node = function.module, function.node
    if not any(ast.unparse(decorator).startswith("pytest.mark.anyio") for decorator in node.decorator_list):
        plan.edit(module, AddDecorator(node, Code("{pytest}.mark.anyio", {}, _PYTEST)))


def _is_automatic(function: Function) -> bool:
    calls = (decorator for decorator in function.node.decorator_list if isinstance(decorator, ast.Call))
    return any(keyword.arg == "autouse" for call in calls for keyword in call.keywords)


def _lasts(function: Function) -> bool:
    """Tell whether a fixture is set up once for all tests."""
    calls = (decorator for decorator in function.node.decorator_list if isinstance(decorator, ast.Call))
    return any(ast.unparse(keyword) == "scope='session'" for call in calls for keyword in call.keywords)


def _first_definition(module: Module) -> ast.stmt:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return next(statement for statement in module.tree.body if isinstance(statement, kinds))
