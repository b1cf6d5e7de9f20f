"""Which coroutine functions share their event loop with others."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.facts.frameworks import BOTS
from flake8_async_sqla.semantics.frameworks.callers import uses_of
from flake8_async_sqla.semantics.inference.functions import manager_kind, registers
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.types import External, Function, Member, Type

_RUNNERS = frozenset({"asyncio.run", "anyio.run", "trio.run", "asyncio.runners.run", "asgiref.sync.async_to_sync"})
_RUNNING_METHODS = frozenset({"run_until_complete"})
_ALONE_DECORATORS = frozenset({"command", "async_to_sync", "callback"})
_BOT_LIBRARIES = frozenset(path.partition(".")[0] for path in BOTS)
_STARTUP = frozenset({"on_event", "on_startup", "listener"})


def coroutines(module: Module) -> Iterator[ast.AsyncFunctionDef]:
    """Yield the coroutine functions of a module, those of tests aside."""
    if "async def" in module.text and not is_test(module):
        for node in module.index.scopes:
            if isinstance(node, ast.AsyncFunctionDef):
                yield node


def is_test(module: Module) -> bool:
    """Tell whether a module belongs to the tests, by its path."""
    folders, _, name = f"/{module.relative_path}".rpartition("/")
    in_tests = "/tests" in folders or "/test/" in f"{folders}/"
    return name == "conftest.py" or name.startswith("test_") or name.endswith("_test.py") or in_tests


def at_startup(module: Module, node: ast.AsyncFunctionDef) -> bool:
    """Tell whether a coroutine function runs before an application serves: as its lifespan or start-up handler."""
    is_method = isinstance(module.parent(node), ast.ClassDef)
    if manager_kind(module, node) and len(node.args.args) == 1 + is_method:
        return True
    for decorator in node.decorator_list:
        target = uncalled(decorator)
        if isinstance(target, ast.Attribute) and target.attr in _STARTUP:
            return registers(module, decorator)
    return False


def runs_alone(module: Module, node: ast.AsyncFunctionDef) -> bool:
    """Tell whether a coroutine function is only ever run by an event loop of its own, where nothing waits for it."""
    return module.cached(("alone", node), lambda: _alone(module, node, frozenset()))


def _alone(module: Module, node: ast.AsyncFunctionDef, seen: frozenset[ast.AST]) -> bool:
    if any(_runs(module, decorator) for decorator in node.decorator_list):
        return True
    if node.decorator_list and not all(isinstance(item, ast.Name) for item in node.decorator_list):
        return False
    found = False
    for place, use in uses_of(module, node):
        if is_test(place):
            continue
        if not _waits_alone(place, use, seen | {node}):
            return False
        found = True
    return found


def _runs(module: Module, decorator: ast.expr) -> bool:
    """Tell whether a decorator runs the coroutine in a new event loop: a command line's, or a project's own."""
    target = uncalled(decorator)
    kind: Type = module.type_of(target)
    if isinstance(kind, Function):
        wrappers = [inner for inner in ast.walk(kind.node) if isinstance(inner, ast.Call)]
        return any(_is_runner(kind.module, inner) for inner in wrappers)
    path = kind.path if isinstance(kind, External) else kind.cls if isinstance(kind, Member) else ""
    if path.partition(".")[0] in _BOT_LIBRARIES:
        return False
    name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
    return name in _ALONE_DECORATORS


def _is_runner(module: Module, call: ast.Call) -> bool:
    if callee(module, call) in _RUNNERS:
        return True
    func = call.func
    if isinstance(func, ast.Attribute) and func.attr in _RUNNING_METHODS:
        return True
    kind = module.type_of(func)
    return isinstance(kind, Member) and kind.name == "run" and kind.cls in ("asyncio.Runner", "asyncio.runners.Runner")


def _waits_alone(place: Module, use: ast.expr, seen: frozenset[ast.AST]) -> bool:
    call = place.parent(use)
    if not isinstance(call, ast.Call) or call.func is not use:
        return _given_to_runner(place, use)
    outer = place.parent(call)
    if _given_to_runner(place, call):
        return True
    if isinstance(outer, ast.Assign) and isinstance(target := outer.targets[0], ast.Name):
        loads = place.scope_of(call).loads.get(target.id, ())
        return bool(loads) and all(_given_to_runner(place, load) for load in loads)
    caller = place.function(call)
    if not isinstance(outer, ast.Await) or not isinstance(caller, ast.AsyncFunctionDef):
        return False
    return caller in seen or _alone(place, caller, seen)


def _given_to_runner(place: Module, node: ast.expr) -> bool:
    """Tell whether an expression is an argument of what runs an event loop, here or in a thread."""
    outer = place.parent(node)
    while isinstance(outer, (ast.Tuple, ast.List, ast.keyword)):
        outer = place.parent(outer)
    return isinstance(outer, ast.Call) and (_is_runner(place, outer) or _in_thread(place, outer))


def _in_thread(place: Module, call: ast.Call) -> bool:
    """Tell whether a call hands ``asyncio.run`` to a thread: ``to_thread(asyncio.run, work())``."""
    given = (*call.args, *(keyword.value for keyword in call.keywords))
    return any(place.type_of(value) in [External(path) for path in _RUNNERS] for value in given)
