"""Objects that are expired so that reading them loads them again: with asyncio they are loaded at once."""

from __future__ import annotations

import ast

from flake8_async_sqla.fixes.vocabulary import AddAwait, Code, ReplaceExpression
from flake8_async_sqla.migrate.colouring.colour import Colouring
from flake8_async_sqla.migrate.edits.refreshing import is_reached
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.inference.twins import sync_class
from flake8_async_sqla.migrate.model import Plan, remark
from flake8_async_sqla.migrate.project import FUNCTIONS, Sources, home, nodes
from flake8_async_sqla.semantics.inference.calls import SESSION
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Member


def expiring_edits(kinds: Kinds, sources: Sources, colouring: Colouring, plan: Plan) -> None:
    """Plan ``await session.refresh(user)`` for ``session.expire(user)`` where the object is used afterwards."""
    for module in sources.modules:
        for call in nodes(module, ast.Call) if not colouring.sync.is_module(module) else ():
            assert isinstance(call, ast.Call)
            function = home(module, call).node
            if not isinstance(function, FUNCTIONS) or not colouring.is_coloured(function):
                continue
            if not colouring.sync.holds(module, call) and _expires(kinds, module, call) and _is_used(module, call):
                assert isinstance(call.func, ast.Attribute)
                refresh = Code("{session}.refresh", {"session": call.func.value})
                plan.edit(module, ReplaceExpression(call.func, refresh), AddAwait(call))
                text = f"{ast.unparse(call.args[0])} was loaded again when it was read: refresh() does that now"
                plan.loading.append(remark(module, call, text))


def _expires(kinds: Kinds, module: Module, call: ast.Call) -> bool:
    kind = kinds.of(module, call.func) if isinstance(call.func, ast.Attribute) and call.func.attr == "expire" else None
    return isinstance(kind, Member) and sync_class(kind.receiver) == SESSION


def _is_used(module: Module, call: ast.Call) -> bool:
    """Tell whether the object that is expired is used in a later statement, by the name that it has here."""
    statement, first = module.parent(call), call.args[0] if call.args else None
    if not isinstance(statement, ast.Expr) or not isinstance(first, ast.Name):
        return False
    scope = module.scope_of(call)
    lines = [getattr(binding.node, "lineno", 0) for binding in scope.names.get(first.id, ())]
    return any(
        is_reached(module, statement, use) and not any(statement.lineno < line <= use.lineno for line in lines)
        for use in scope.loads.get(first.id, ())
    )
