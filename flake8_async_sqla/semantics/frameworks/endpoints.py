"""Endpoints whose injected session holds its connection for long."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.facts.frameworks import STREAMING_RESPONSES
from flake8_async_sqla.semantics.frameworks.dependencies import dependency_calls, depends_argument, is_depends
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import is_class
from flake8_async_sqla.semantics.inference.functions import own_nodes, registers
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.objects.constructions import settled
from flake8_async_sqla.semantics.objects.identities import is_shared_type, key_of
from flake8_async_sqla.semantics.objects.identity import Key
from flake8_async_sqla.semantics.sessions.lifetimes import injected
from flake8_async_sqla.semantics.sessions.session_uses import uses
from flake8_async_sqla.semantics.types import Function, FunctionNode, Generator, Member

_EVENT_SOURCES = ("sse_starlette.EventSourceResponse", "sse_starlette.sse.EventSourceResponse")
_BUFFERS = frozenset({"io.BytesIO", "io.StringIO", "_io.BytesIO", "_io.StringIO"})
_RECEIVING = frozenset({"receive", "receive_bytes", "receive_json", "receive_text"})
_SOCKET_LOOPS = frozenset({"iter_text", "iter_json", "iter_bytes"})


def holding_session(module: Module, node: ast.AsyncFunctionDef) -> Iterator[ast.arg]:
    """Yield the injected sessions that an endpoint works with, leaves open and keeps while it streams."""
    if _streaming_endpoint(module, node):
        for parameter, key in _sessions(module, node):
            if not _read_by_others(module, node, parameter.arg) and _works_and_stays_open(module, node, key):
                yield parameter


def held_by_dependency(module: Module, node: ast.AsyncFunctionDef) -> Iterator[tuple[ast.arg | ast.Call, str]]:
    """Yield where an endpoint that streams takes a dependency whose session stays open meanwhile, and its name."""
    if not _streaming_endpoint(module, node):
        return
    taken = [(at, function) for at, holder, call in _dependencies(module, node) for function in _needed(holder, call)]
    own = {key for _, key in _sessions(module, node)}
    held: dict[Key, bool] = {}
    for _, function in taken:
        for key, open_ in _left_open(function):
            held[key] = open_ and held.get(key, True)
    for at, function in taken:
        if any(held[key] and key not in own for key, _ in _left_open(function)):
            yield at, function.node.name


def websocket_loop(module: Module, node: ast.AsyncFunctionDef) -> Iterator[ast.arg]:
    """Yield the injected sessions that a websocket's endless loop never commits, rolls back or closes."""
    if _registered(module, node, "websocket") and any(_endless(inner) for inner in ast.walk(node)):
        for parameter, key in _sessions(module, node):
            if _works_and_stays_open(module, node, key):
                yield parameter


def _streaming_endpoint(module: Module, node: ast.AsyncFunctionDef) -> bool:
    return _registered(module, node, "") and any(_streams(module, found) for found in own_nodes(module, node, ast.Call))


def _registered(module: Module, node: ast.AsyncFunctionDef, method: str) -> bool:
    for decorator in node.decorator_list:
        target = uncalled(decorator)
        if registers(module, decorator) and isinstance(target, ast.Attribute) and target.attr.startswith(method):
            return True
    return False


def _left_open(function: Function) -> Iterator[tuple[Key, bool]]:
    """Yield the injected sessions of a dependency, and whether it works with them and ends nothing."""
    if isinstance(function.node, ast.AsyncFunctionDef):
        for _, key in _sessions(function.module, function.node):
            yield key, _works_and_stays_open(function.module, function.node, key)


def _dependencies(module: Module, node: ast.AsyncFunctionDef) -> Iterator[tuple[ast.arg | ast.Call, Module, ast.Call]]:
    """Yield the ``Depends`` of an endpoint's parameters, its decorator and its router, and where to report each."""
    for parameter in _parameters(node):
        for holder, call in dependency_calls(module, module.index.scopes[node].names[parameter.arg][0]):
            yield parameter, holder, call
    for decorator in node.decorator_list:
        if not (isinstance(decorator, ast.Call) and registers(module, decorator)):
            continue
        router = decorator.func.value if isinstance(decorator.func, ast.Attribute) else None
        bound = module.scope_of(router).find(router.id) if isinstance(router, ast.Name) else None
        for maker in (decorator, *(binding.value for binding in bound or ())):
            given = argument(maker, "dependencies") if isinstance(maker, ast.Call) else None
            for item in given.elts if isinstance(given, ast.List) else ():
                if isinstance(item, ast.Call) and is_depends(module, item):
                    yield item if maker is decorator else decorator, module, item


def _needed(holder: Module, call: ast.Call, seen: frozenset[Function] = frozenset()) -> Iterator[Function]:
    """Yield the function that ``Depends`` names and those that it depends on, if they live as long as the request."""
    named = depends_argument(call)
    function = holder.type_of(named) if named is not None else None
    short = any(keyword.arg == "scope" for keyword in call.keywords)
    if short or not isinstance(function, Function) or function in seen:
        return
    yield function
    scope = function.module.index.scopes[function.node]
    for parameter in _parameters(function.node):
        for place, inner in dependency_calls(function.module, scope.names[parameter.arg][0]):
            yield from _needed(place, inner, seen | {function})


def _streams(module: Module, call: ast.AST) -> bool:
    if not isinstance(call, ast.Call) or not is_class(module.type_of(call.func), *STREAMING_RESPONSES, *_EVENT_SOURCES):
        return False
    content = argument(call, "content", 0)
    return content is None or not _in_memory(module, content)


def _in_memory(module: Module, content: ast.expr) -> bool:
    """Tell whether a stream is there as a whole before it starts: it is sent like any other response."""
    if isinstance(content, ast.Name):
        bindings = module.scope_of(content).find(content.id) or []
        values = [binding.value for binding in bindings if binding.kind in ("value", "with") and not binding.unpack]
        made = [value for value in values if value is not None and not isinstance(value, ast.Name)]
        return len(made) == len(bindings) > 0 and all(_in_memory(module, value) for value in made)
    if isinstance(content, ast.Call):
        func = content.func
        if isinstance(func, ast.Name) and func.id == "iter" and module.scope_of(func).lookup("iter") is None:
            return len(content.args) == 1 and _in_memory(module, content.args[0])
        return callee(module, content) in _BUFFERS
    return isinstance(content, (ast.Constant, ast.JoinedStr, ast.List, ast.Tuple))


def _endless(node: ast.AST) -> bool:
    if isinstance(node, ast.While):
        return (isinstance(node.test, ast.Constant) and bool(node.test.value)) or any(map(_receives, ast.walk(node)))
    method = node.iter.func if isinstance(node, ast.AsyncFor) and isinstance(node.iter, ast.Call) else None
    return isinstance(method, ast.Attribute) and method.attr in _SOCKET_LOOPS


def _receives(node: ast.AST) -> bool:
    """Tell whether a loop waits for messages here."""
    call = node.value if isinstance(node, ast.Await) else None
    method = call.func if isinstance(call, ast.Call) else None
    return isinstance(method, ast.Attribute) and method.attr in _RECEIVING


def _parameters(node: FunctionNode) -> list[ast.arg]:
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


def _sessions(module: Module, node: ast.AsyncFunctionDef) -> Iterator[tuple[ast.arg, Key]]:
    scope = module.index.scopes[node]
    for parameter in _parameters(node):
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
