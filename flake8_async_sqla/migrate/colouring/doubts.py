"""What may be a use of a coroutine function or session, where nothing tells that it is one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from flake8_async_sqla.migrate.colouring.entering import ENTERING
from flake8_async_sqla.migrate.colouring.references import of_some_module
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.model import Plan
from flake8_async_sqla.migrate.project import Sources, nodes
from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import UNKNOWN, External

if TYPE_CHECKING:
    from flake8_async_sqla.migrate.colouring.colour import Colouring

_OF_SESSIONS = frozenset({"add_all", "commit", "flush", "refresh", "rollback", "scalars"})
_COMMON = frozenset({name for kind in (dict, list, set, str, bytes) for name in dir(kind)} | {"close", "read", "write"})


def doubts(kinds: Kinds, sources: Sources, colouring: Colouring, plan: Plan) -> None:
    """Refuse what cannot be told.

    Args:
        kinds: Types.
        sources: The modules that may be changed.
        colouring: What is coloured.
        plan: Where the refusals go.
    """
    methods = {node.name for node, (own, _) in colouring.coloured.items() if own.module.scope_of(node).kind == "class"}
    working = {operation.module for operation in colouring.operations}
    for module in sources.modules:
        _unresolved(kinds, module, methods, plan)
        _unknown_sessions(kinds, module, plan, works=module in working)
        if ENTERING in methods:
            _unknown_blocks(kinds, module, plan)
    _of_some_modules(kinds, colouring, plan)


def _unresolved(kinds: Kinds, module: Module, methods: set[str], plan: Plan) -> None:
    """Report calls that may be calls of coloured methods, of objects whose class cannot be told."""
    for call, func in _attribute_calls(module):
        if func.attr not in methods or kinds.of(module, func.value) is not UNKNOWN or _is_foreign(kinds, module, func):
            continue
        text = f"this may be a call of {func.attr}(), which becomes a coroutine function"
        if func.attr in _COMMON:
            plan.note(module, call, text)
        else:
            plan.refuse(module, call, f"{text}: the object's class cannot be told")


def _is_foreign(kinds: Kinds, module: Module, node: ast.expr) -> bool:
    """Tell whether a chain of calls begins with a library's function: ``select(User).exists()``."""
    while isinstance(node, (ast.Attribute, ast.Call)):
        if isinstance(node, ast.Call) and isinstance(kinds.of(module, node.func), External):
            return True
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return False


def _unknown_sessions(kinds: Kinds, module: Module, plan: Plan, *, works: bool) -> None:
    """Refuse what looks like work of a session where nothing tells that it is one."""
    for call, func in _attribute_calls(module) if not is_test(module) else ():
        asks = func.attr == "query" and any(isinstance(value, (ast.Name, ast.Attribute)) for value in call.args)
        if not asks and not (works and func.attr in _OF_SESSIONS):
            continue
        if kinds.of(module, func.value) is UNKNOWN and not isinstance(module.parent(call), ast.Await):
            text = f"{ast.unparse(func)}() may be a session's: annotate it, so that it can be told"
            plan.refuse(module, call, text)


def _unknown_blocks(kinds: Kinds, module: Module, plan: Plan) -> None:
    """Refuse what ``with`` enters where that may be an object which only ``async with`` will enter."""
    for block in nodes(module, ast.With):
        assert isinstance(block, ast.With)
        for item in block.items:
            entered = item.context_expr
            made = kinds.called(module, entered) if isinstance(entered, ast.Call) else None
            ours = isinstance(entered, (ast.Name, ast.Attribute)) or made is not None
            if ours and kinds.of(module, entered) is UNKNOWN:
                text = f"'with {ast.unparse(entered)}' may enter what becomes an asynchronous context manager"
                plan.refuse(module, entered, f"{text}: annotate it, so that its class can be told")


def _of_some_modules(kinds: Kinds, colouring: Colouring, plan: Plan) -> None:
    """Refuse the calls of what is a coroutine function in one module and none in another."""
    meant: dict[ast.expr, tuple[Module, set[bool]]] = {}
    for node, places in colouring.references.items():
        for place in places:
            if place.use == "call" and of_some_module(kinds, place.module, place.node):
                meant.setdefault(place.node, (place.module, set()))[1].add(colouring.is_coloured(node))
    for named, (module, found) in meant.items():
        if len(found) == 2:
            plan.refuse(module, named, "this may call a coroutine function or another one: the module cannot be told")


def _attribute_calls(module: Module) -> Iterator[tuple[ast.Call, ast.Attribute]]:
    for call in nodes(module, ast.Call):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            yield call, call.func
