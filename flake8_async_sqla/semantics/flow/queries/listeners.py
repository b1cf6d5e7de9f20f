"""Listeners of ``do_orm_execute`` that give queries loader options of their own."""

from __future__ import annotations

import ast
from dataclasses import replace
from types import MappingProxyType

from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.loading.options import HARMLESS
from flake8_async_sqla.semantics.loading.plan import Plan
from flake8_async_sqla.semantics.mapping.constants import text
from flake8_async_sqla.semantics.mapping.model import MappedClass
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Function

_EVENT = "do_orm_execute"


def as_listeners_leave(state: State, session: int, mapped: MappedClass, plan: Plan, module: Module) -> Plan:
    """Say what a query loads where a listener, of the session's module for one, may add options to it.

    Args:
        state: What is known.
        session: The session.
        mapped: The class that is queried.
        plan: What the query itself loads.
        module: The module of the query.
    """
    origin = state.sessions[session].origin
    places = (module, mapped.cls.module, *((origin.module,) if origin is not None else ()))
    return _unsure(plan) if plan.certain and any(_EVENT in place.text and _adds(place) for place in places) else plan


def _unsure(plan: Plan) -> Plan:
    below = {name: _unsure(found) for name, found in plan.relationships.items()}
    return replace(plan, certain=False, relationships=MappingProxyType(below))


def _adds(module: Module) -> bool:
    """Tell whether a module listens to queries, and gives them other options than criteria."""
    return module.cached(_EVENT, lambda: any(_adds_options(found) for found in _listeners(module)))


def _listeners(module: Module) -> list[Function]:
    found = []
    for scope in list(module.index.scopes.values()):
        for node in scope.nodes:
            if not isinstance(node, ast.Call) or text(module, argument(node, "identifier", 1)) != _EVENT:
                continue
            if callee(module, node) == "sqlalchemy.event.listens_for":
                outer = module.parent(node)
                if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    found.append(Function(module, outer))
            elif isinstance(kind := module.type_of(argument(node, "fn", 2)), Function):
                found.append(kind)
    return found


def _adds_options(listener: Function) -> bool:
    module = listener.module
    calls: list[ast.Call] = [*own_nodes(module, listener.node, ast.Call)]  # type: ignore[list-item]
    return any(
        not isinstance(option, ast.Call) or callee(module, option) not in HARMLESS
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "options"
        for option in call.args
    )
