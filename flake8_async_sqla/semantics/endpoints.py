"""Endpoints whose injected session holds its connection for long."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.facts.frameworks import STREAMING_RESPONSES
from flake8_async_sqla.semantics.classes import is_class
from flake8_async_sqla.semantics.constructions import settled
from flake8_async_sqla.semantics.dependencies import dependency_calls
from flake8_async_sqla.semantics.functions import own_nodes, registers
from flake8_async_sqla.semantics.identities import is_shared_type, key_of
from flake8_async_sqla.semantics.identity import Key
from flake8_async_sqla.semantics.lifetimes import injected
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.session_uses import uses
from flake8_async_sqla.semantics.types import Function, Generator, Member

_EVENT_SOURCES = ("sse_starlette.EventSourceResponse", "sse_starlette.sse.EventSourceResponse")
_SOCKET_LOOPS = frozenset({"iter_text", "iter_json", "iter_bytes"})


def holding_session(module: Module, node: ast.AsyncFunctionDef) -> Iterator[ast.arg]:
    """Yield the injected sessions that an endpoint works with, leaves open and keeps while it streams."""
    if _registered(module, node, "") and any(_streams(module, found) for found in own_nodes(module, node, ast.Call)):
        for parameter, key in _sessions(module, node):
            if not _read_by_others(module, node, parameter.arg) and _works_and_stays_open(module, node, key):
                yield parameter


def websocket_loop(module: Module, node: ast.AsyncFunctionDef) -> Iterator[ast.arg]:
    """Yield the injected sessions that a websocket's endless loop never commits, rolls back or closes."""
    if _registered(module, node, "websocket") and any(_endless(inner) for inner in ast.walk(node)):
        for parameter, key in _sessions(module, node):
            if _works_and_stays_open(module, node, key):
                yield parameter


def _registered(module: Module, node: ast.AsyncFunctionDef, method: str) -> bool:
    for decorator in node.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if registers(module, decorator) and isinstance(target, ast.Attribute) and target.attr.startswith(method):
            return True
    return False


def _streams(module: Module, call: ast.AST) -> bool:
    kind = module.type_of(call.func) if isinstance(call, ast.Call) else None
    return kind is not None and is_class(kind, *STREAMING_RESPONSES, *_EVENT_SOURCES)


def _endless(node: ast.AST) -> bool:
    if isinstance(node, ast.While):
        return isinstance(node.test, ast.Constant) and bool(node.test.value)
    method = node.iter.func if isinstance(node, ast.AsyncFor) and isinstance(node.iter, ast.Call) else None
    return isinstance(method, ast.Attribute) and method.attr in _SOCKET_LOOPS


def _sessions(module: Module, node: ast.AsyncFunctionDef) -> Iterator[tuple[ast.arg, Key]]:
    scope = module.index.scopes[node]
    for parameter in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
        bindings = scope.names[parameter.arg]
        loads = scope.loads.get(parameter.arg, ())
        if len(bindings) != 1 or not loads or not is_shared_type(module.type_of(loads[0])):
            continue
        key = key_of(module, loads[0])
        key = settled(key) if key is not None else None
        if key is not None and injected(key) is not None and not _short(module, node, parameter.arg):
            yield parameter, key


def _short(module: Module, node: ast.AsyncFunctionDef, name: str) -> bool:
    """Tell whether a dependency ends with the function: ``Depends(..., scope="function")``."""
    binding = module.index.scopes[node].names[name][0]
    keywords = [keyword for _, call in dependency_calls(module, binding) for keyword in call.keywords]
    values = [keyword.value for keyword in keywords if keyword.arg == "scope"]
    return any(not isinstance(value, ast.Constant) or value.value == "function" for value in values)


def _works_and_stays_open(module: Module, node: ast.AsyncFunctionDef, key: Key) -> bool:
    """Tell whether a function does IO with a session and leaves it to its provider to end the transaction."""
    works = False
    for call in own_nodes(module, node, ast.Call):
        assert isinstance(call, ast.Call)
        found = [use for use in uses(module, call.func, call.args, call.keywords) if settled(use.key) == key]
        if any(use.ends for use in found):
            return False
        works = works or bool(found)
        if not found and not isinstance(module.type_of(call.func), (Function, Member)):
            values = [*call.args, *(keyword.value for keyword in call.keywords)]
            keys = [key_of(module, value) for value in values if is_shared_type(module.type_of(value))]
            if any(value is not None and settled(value) == key for value in keys):
                return False
    return works


def _read_by_others(module: Module, node: ast.AsyncFunctionDef, name: str) -> bool:
    """Tell whether the stream itself needs the session: a nested function or an argument of the response reads it."""
    holder = module.index.scopes[node]
    for scope in module.index.scopes.values():
        for use in scope.loads.get(name, ()):
            found = scope.lookup(name)
            if found is None or found[0] is not holder:
                continue
            if scope.kind != "comprehension" and scope is not holder:
                return True
            if any(_streams(module, outer) for outer in module.ancestors(use)) or _makes_stream(module, use):
                return True
    return False


def _makes_stream(module: Module, use: ast.Name) -> bool:
    """Tell whether a name is given to an async generator."""
    call = module.parent(use)
    return isinstance(call, ast.Call) and isinstance(module.type_of(call), Generator)
