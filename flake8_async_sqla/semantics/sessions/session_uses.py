"""Which sessions and connections a call does IO on, followed into the project's functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flake8_async_sqla.semantics.frameworks.callers import uses_of
from flake8_async_sqla.semantics.inference.calls import ASYNC_SESSION, argument
from flake8_async_sqla.semantics.inference.classes import class_attribute, is_a
from flake8_async_sqla.semantics.inference.functions import own_nodes, transparent
from flake8_async_sqla.semantics.inference.members import fact
from flake8_async_sqla.semantics.mapping.constants import UNSEEN, constant
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.identities import (
    ASYNC_CONNECTION,
    arguments_of,
    is_shared_type,
    key_of,
    paired,
)
from flake8_async_sqla.semantics.objects.identity import Current, Key, Made, Variable, substitute
from flake8_async_sqla.semantics.sessions.constructed import implementation
from flake8_async_sqla.semantics.types import (
    UNKNOWN,
    Function,
    FunctionNode,
    Instance,
    Member,
    Origin,
    ProjectInstance,
    Type,
)

_IO_KINDS = frozenset({"coroutine", "awaitable_cm", "async_cm", "async_iterator"})
_ENDS = frozenset({"commit", "rollback", "close", "aclose", "invalidate", "reset", "begin", "begin_nested"})
_LOCKS = ("asyncio.Lock", "anyio.Lock")
_SEMAPHORES = ("asyncio.Semaphore", "asyncio.BoundedSemaphore", "anyio.Semaphore", "anyio.CapacityLimiter")
_COUNTS = ("value", "initial_value", "total_tokens")
_ENTER: dict[type, str] = {ast.With: "__enter__", ast.AsyncWith: "__aenter__"}
_LOCK = re.compile("lock|mutex|semaphore|limit|serial", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Use:
    """One session or connection that a call works with.

    Attributes:
        key: Which one.
        certain: Whether its type is known; else it is a parameter without annotation that looks like one.
        ends: Whether its transaction is ended or managed (``commit``, ``rollback``, ``close``, ``begin``).
    """

    key: Key
    certain: bool = True
    ends: bool = False


def uses(module: Module, func: ast.expr, args: list[ast.expr], keywords: list[ast.keyword]) -> frozenset[Use]:
    """Say which sessions calling ``func`` with some arguments does IO on.

    Args:
        module: The module of the expressions.
        func: What is called.
        args: Positional arguments.
        keywords: Keyword arguments.
    """
    if (own := _own_method(module, func)) is not None:
        return frozenset({own})
    callee = module.type_of(func)
    if not isinstance(callee, Function) or not transparent(callee.module, callee.node):
        return frozenset()
    callee = implementation(module, func, callee)
    given = arguments_of(module, callee, func, args, keywords)
    values = dict(paired(callee, args, keywords))
    found: set[Use] = set()
    for use in function_uses(callee):
        key = substitute(use.key, callee, given)
        certain = _certain(module, use, values)
        if key is not None and certain is not None and not (isinstance(key, Made) and key.call is None):
            found.add(Use(key, certain, use.ends))
    return frozenset(found)


def _own_method(module: Module, func: ast.expr) -> Use | None:
    """Say what calling a method of a session itself does."""
    if not isinstance(func, ast.Attribute):
        return None
    receiver = module.type_of(func.value)
    looks = receiver is UNKNOWN and _bare_parameter(module, func.value)
    if not looks and not is_shared_type(receiver):
        return None
    cls = ASYNC_CONNECTION if is_a(receiver, ASYNC_CONNECTION) else ASYNC_SESSION
    known = fact(receiver.cls if isinstance(receiver, Instance) else cls, func.attr)
    if known is None or known.kind not in _IO_KINDS:
        return None
    key = key_of(module, func.value)
    return Use(key, not looks, func.attr in _ENDS) if key is not None else None


def _bare_parameter(module: Module, node: ast.expr) -> bool:
    key = key_of(module, node) if isinstance(node, ast.Name) else None
    parameter = key.parameter if isinstance(key, Variable) else None
    return parameter is not None and parameter.annotation is None


def _certain(module: Module, use: Use, values: dict[ast.arg, ast.expr]) -> bool | None:
    """Tell whether a callee's use is certain here; ``None`` if what it is given is something else."""
    parameter = use.key.parameter if isinstance(use.key, Variable) else None
    if parameter is None or parameter not in values:
        return use.certain
    value = values[parameter]
    kind: Type = module.type_of(value)
    if is_shared_type(kind):
        return True
    if kind is not UNKNOWN:
        return None
    if use.certain:
        return True
    return False if _bare_parameter(module, value) else None


def function_uses(function: Function) -> frozenset[Use]:
    """Say which sessions a function's body does IO on, in terms of its parameters and of what surrounds it."""
    module = function.module
    memo: dict[object, frozenset[Use]] = module.cached("session uses", dict)
    return module.project.solve(("uses", function.node), memo, lambda: _found(function), frozenset(), module.path)


def _found(function: Function) -> frozenset[Use]:
    found = frozenset(_body(function))
    own = {use.key.variable for use in found if isinstance(use.key, Current) and _sets(function, use.key.variable)}
    return frozenset(use for use in found if not (isinstance(use.key, Current) and use.key.variable in own))


def _body(function: Function) -> Iterator[Use]:
    module, node = function.module, function.node
    for call in own_nodes(module, node, ast.Call):
        assert isinstance(call, ast.Call)
        found = uses(module, call.func, call.args, call.keywords)
        if found and not locked(module, call, node):
            yield from found


def locked(module: Module, call: ast.Call, node: ast.AST) -> bool:
    """Tell whether a lock lets one task at a time through to a call in a function."""
    for outer in module.ancestors(call):
        if outer is node:
            return False
        if isinstance(outer, (ast.With, ast.AsyncWith)):
            for item in outer.items:
                named = any(_LOCK.search(name) for name in _names(item.context_expr))
                kind = module.type_of(item.context_expr)
                counts = _counts(module, item.context_expr, kind)
                of_one = counts == {1} or (named and not (counts and all(count and count > 1 for count in counts)))
                if of_one or is_a(kind, *_LOCKS):
                    return True
    return False


def _counts(module: Module, node: ast.expr, kind: Type) -> set[int | None]:
    """Say how many tasks a semaphore may let through, None for a number that cannot be seen; empty for others."""
    if not isinstance(kind, Instance) or not is_a(kind, *_SEMAPHORES):
        return set()
    if kind.origin is not None:
        return {_count(kind.origin)}
    given = [*_given(module, node)] if isinstance(node, ast.Name) else []
    return {_count(one.origin) if isinstance(one, Instance) and one.origin else None for one in given} or {None}


def _count(origin: Origin) -> int | None:
    """Return the number that a semaphore is made with: a constant, or what a parameter is by default."""
    given = next(filter(None, (argument(origin.call, name, 0) for name in _COUNTS)), None)
    if given is None:
        return 1
    found = constant(origin.module, given)
    if found is UNSEEN and isinstance(given, ast.Name):
        place = origin.module.scope_of(given).lookup(given.id)
        found = constant(origin.module, place[1][0].value) if place is not None else UNSEEN
    return found if isinstance(found, int) else None


def _given(module: Module, name: ast.Name) -> Iterator[Type]:
    """Yield the types of what calls give for a parameter."""
    found = module.scope_of(name).lookup(name.id)
    if found is None or found[1][0].kind != "parameter" or not isinstance(found[0].node, FunctionNode):
        return
    for place, use in uses_of(module, found[0].node):
        call, callee = place.parent(use), place.type_of(use)
        if isinstance(call, ast.Call) and call.func is use and isinstance(callee, Function):
            pairs = paired(callee, call.args, call.keywords)
            yield from (place.type_of(value) for parameter, value in pairs if parameter is found[1][0].node)


def _names(node: ast.expr) -> Iterable[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            yield inner.id
        elif isinstance(inner, ast.Attribute):
            yield inner.attr


def _sets(function: Function, variable: Key, depth: int = 3) -> bool:
    """Tell whether a function, or one that it calls, gives a ``ContextVar`` a value of its own."""
    module = function.module
    if depth and any(_sets(method, variable, depth - 1) for method in _entered(function)):
        return True
    for call in own_nodes(module, function.node, ast.Call):
        assert isinstance(call, ast.Call)
        callee = module.type_of(call.func)
        if isinstance(callee, Member) and callee.name == "set" and isinstance(call.func, ast.Attribute):
            if key_of(module, call.func.value) == variable:
                return True
        elif isinstance(callee, Function) and depth and _sets(callee, variable, depth - 1):
            return True
    return False


def _entered(function: Function) -> Iterator[Function]:
    """Yield the methods of the project that run where a function enters something."""
    module = function.module
    for block in own_nodes(module, function.node, *_ENTER):
        for item in getattr(block, "items", ()):
            manager = module.type_of(item.context_expr)
            if isinstance(manager, ProjectInstance):
                method = class_attribute(manager.cls, _ENTER[type(block)], manager)
                if isinstance(method, Function):
                    yield method
