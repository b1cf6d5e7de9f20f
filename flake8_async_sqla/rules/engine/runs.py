"""Event loops that a program starts: what they run, how often, and which module-level engines that reaches."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from flake8_async_sqla.semantics.engine.engines import EngineCall, engine_call
from flake8_async_sqla.semantics.frameworks.callers import MAX_CALLS, uses_of
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.inference.infer import called_function, callee
from flake8_async_sqla.semantics.inference.promising import promising
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.objects.identities import paired
from flake8_async_sqla.semantics.objects.origins import engine_origin
from flake8_async_sqla.semantics.types import External, Function, FunctionNode, Instance, Member, Origin

_RUN = frozenset({"asyncio.run", "uvloop.run"})
_TASKS = frozenset({"celery.shared_task", "dramatiq.actor"})
_STARTING = re.compile(r"\b_?run\w*|\basync_to_sync\b|\bflask\b")
_FLASK = ("flask.Flask", "flask.Blueprint")
_VIEWS = frozenset({"route", "get", "post", "put", "patch", "delete", "before_request", "after_request"})
_LEAVING = (ast.Break, ast.Return)


def runs(module: Module) -> list[tuple[ast.Call, Function]]:
    """List the calls of a module that start an event loop of their own, with the coroutine function that it runs."""
    return module.cached("runs", lambda: list(_runs(module)))


def _runs(module: Module) -> Iterator[tuple[ast.Call, Function]]:
    if not _STARTING.search(module.text):
        return
    for scope in module.index.scopes.values():
        for call in scope.nodes:
            if type(call) is ast.Call:
                if (function := _run_by(module, call)) is not None:
                    yield _runner(module, call) or call, function
            elif type(call) is ast.AsyncFunctionDef and (decorator := view_decorator(module, call)) is not None:
                yield decorator, Function(module, call)


def view_decorator(module: Module, function: FunctionNode) -> ast.Call | None:
    """Find the decorator that makes a function a view of Flask, which gives each request of an async view a loop."""
    for found in function.decorator_list:
        target = found.func if isinstance(found, ast.Call) else None
        if isinstance(target, ast.Attribute) and target.attr in _VIEWS and is_a(module.type_of(target.value), *_FLASK):
            return found  # type: ignore[return-value]
    return None


def _run_by(module: Module, call: ast.Call) -> Function | None:
    if isinstance(call.func, ast.Call):
        wrapped = call.func.args[:1]
        bridged = bool(wrapped) and callee(module, call.func) == "asgiref.sync.async_to_sync"
        function = module.type_of(wrapped[0]) if bridged else None
    elif (handed := _handed_to_runner(module, call)) is not None:
        function = called_function(module, handed)
    elif not _may_run(module, call):
        return None
    elif (path := callee(module, call)) in _RUN or _runs_on_new_loop(module, call) or _runner(module, call) is not None:
        coroutine = call.args[0] if call.args else None
        function = called_function(module, coroutine) if isinstance(coroutine, ast.Call) else None
    elif path == "anyio.run" and call.args:
        function = module.type_of(call.args[0])
    else:
        return None
    return function if isinstance(function, Function) and isinstance(function.node, ast.AsyncFunctionDef) else None


def _handed_to_runner(module: Module, call: ast.Call) -> ast.Call | None:
    """Return the call of a coroutine function that a project's helper runs in an event loop of its own."""
    given = [value for value in call.args if isinstance(value, ast.Call)]
    if (
        not given
        or not isinstance(call.func, (ast.Name, ast.Attribute))
        or not promising(module, call.func, module.scope_of(call))
    ):
        return None
    helper = called_function(module, call)
    if helper is None or not isinstance(helper.node, ast.FunctionDef) or "run" not in helper.module.text:
        return None
    home = helper.module
    names = {
        inner.args[0].id
        for inner in own_nodes(home, helper.node, ast.Call)
        if isinstance(inner, ast.Call)
        and inner.args
        and isinstance(inner.args[0], ast.Name)
        and _may_run(home, inner)
        and (callee(home, inner) in _RUN or _runs_on_new_loop(home, inner))
    }
    return next((value for name, value in paired(helper, call.args, []) if name.arg in names and value in given), None)


def _may_run(module: Module, call: ast.Call) -> bool:
    if isinstance(call.func, ast.Attribute) and call.func.attr not in ("run", "run_until_complete"):
        return False
    return promising(module, call.func, module.scope_of(call))


def _runner(module: Module, call: ast.Call) -> ast.Call | None:
    """Return the call that makes the ``asyncio.Runner``, which has one event loop for all that it runs."""
    kind = module.type_of(call.func)
    origin = kind.receiver.origin if isinstance(kind, Member) and kind.cls == "asyncio.Runner" else None
    return origin.call if origin is not None and origin.module == module else None


def _runs_on_new_loop(module: Module, call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "run_until_complete":
        return False
    function = module.function(call)
    calls = own_nodes(module, function, ast.Call) if function is not None else ()
    return any(isinstance(inner, ast.Call) and callee(module, inner) == "asyncio.new_event_loop" for inner in calls)


def reached(function: Function, depth: int = MAX_CALLS) -> set[Origin]:
    """Find the engines that a coroutine uses, itself or through the project functions that it calls.

    Args:
        function: The coroutine function.
        depth: How many calls to follow.

    Returns:
        The calls that made the engines; none if one of the functions disposes of an engine.
    """
    found: set[Origin] = set()
    return found if _collect(function, found, depth) else set()


def _collect(function: Function, found: set[Origin], depth: int) -> bool:
    module, node = function.module, function.node
    loads = [use for uses in module.index.scopes[node].loads.values() for use in uses]
    for use in (*loads, *own_nodes(module, node, ast.Attribute, ast.Call)):
        if isinstance(use, ast.Attribute) and use.attr == "dispose":
            return False
        if isinstance(use, ast.expr):
            kind = module.type_of(uncalled(use))
            if (origin := engine_origin(kind)) is not None:
                found.add(origin)
            inner = isinstance(kind, Function) and depth > 1 and kind.node is not node
            if isinstance(kind, Function) and inner and not _collect(kind, found, depth - 1):
                return False
    return True


def engine_at(origin: Origin) -> EngineCall | None:
    """Return the engine call of an origin, if it makes an async engine."""
    kind = origin.module.type_of(origin.call.func)
    engine = engine_call(origin.module, origin.call, kind.path) if isinstance(kind, External) else None
    return engine if engine is not None and engine.is_async else None


def module_engine(origin: Origin) -> EngineCall | None:
    """Return the engine call of an origin, if it makes an async engine at module level."""
    return engine_at(origin) if origin.module.scope_of(origin.call).kind == "module" else None


def repeated(module: Module, call: ast.expr, depth: int = MAX_CALLS) -> str:
    """Say why a call runs more than once in one process; an empty string if that is not certain."""
    if any(isinstance(outer, (ast.For, ast.While)) and _goes_on(outer) for outer in _around(module, call)):
        return "in a loop"
    if isinstance(view := module.parent(call), ast.AsyncFunctionDef) and call in view.decorator_list:
        return f"for each request of '{view.name}'"
    function = module.function(call)
    if function is None or isinstance(function, ast.AsyncFunctionDef):
        return ""
    if view_decorator(module, function) is not None:
        return f"for each request of '{function.name}'"
    if is_task(module, function):
        return f"in task '{function.name}', which a worker runs many times"
    calls = [(place, use) for place, use in uses_of(module, function) if _is_called(place, use)]
    if depth > 1:
        for place, use in calls:
            if why := repeated(place, use, depth - 1):
                return why
    return "twice" if _in_one_block([(place, place.statement(use)) for place, use in calls]) else ""


def _is_called(module: Module, use: ast.expr) -> bool:
    parent = module.parent(use)
    return isinstance(parent, ast.Call) and parent.func is use


def _around(module: Module, node: ast.AST) -> Iterator[ast.AST]:
    for outer in module.ancestors(node):
        if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            return
        yield outer


def _goes_on(loop: ast.For | ast.While) -> bool:
    return not any(isinstance(node, _LEAVING) for node in ast.walk(loop))


def is_task(module: Module, function: FunctionNode) -> bool:
    """Tell whether a worker process runs a function again and again: a Celery task or a Dramatiq actor."""
    for decorator in function.decorator_list:
        target = uncalled(decorator)
        kind = module.type_of(target)
        if isinstance(kind, External) and kind.path in _TASKS:
            return True
        if isinstance(target, ast.Attribute) and target.attr == "task":
            holder = module.type_of(target.value)
            if isinstance(holder, Instance) and holder.cls in ("celery.Celery", "celery.app.Celery"):
                return True
    return False


def in_one_block(module: Module, calls: list[ast.Call]) -> bool:
    """Tell whether two of several calls run one after the other in one block."""
    return _in_one_block([(module, module.statement(call)) for call in calls])


def _in_one_block(statements: list[tuple[Module, ast.stmt]]) -> bool:
    for number, (module, first) in enumerate(statements):
        for other, second in statements[number + 1 :]:
            if other == module and first is not second and _block(module, first) == _block(module, second) != ():
                return True
    return False


def _block(module: Module, statement: ast.stmt) -> tuple[object, ...]:
    parent = module.parent(statement)
    for name in ("body", "orelse", "finalbody"):
        block = getattr(parent, name, None)
        if isinstance(block, list) and statement in block:
            return (id(parent), name)
    return ()
