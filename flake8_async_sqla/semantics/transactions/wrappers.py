"""Functions, looked at together with the decorators of the project that open their sessions and transactions."""

from __future__ import annotations

import ast
from typing import NamedTuple

from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import first_parameter
from flake8_async_sqla.semantics.objects.identities import paired
from flake8_async_sqla.semantics.objects.identity import Key, Variable
from flake8_async_sqla.semantics.transactions import flow, inlining
from flake8_async_sqla.semantics.transactions.states import World
from flake8_async_sqla.semantics.transactions.walk import Flow, Frame, Walk
from flake8_async_sqla.semantics.types import Function


class Wrapper(NamedTuple):
    """What a decorator puts in the place of a function.

    Attributes:
        function: The function that is called instead.
        call: Where it calls the function that was decorated.
        decorator: The decorator.
    """

    function: Function
    call: ast.Call
    decorator: ast.expr


def wrapper(function: Function) -> Wrapper | None:
    """Return what the only decorator of a function puts in its place, if the project's code says so."""
    decorators = function.node.decorator_list
    if len(decorators) != 1:
        return None
    decorator = decorators[0]
    made = isinstance(decorator, ast.Call)
    maker = function.module.type_of(decorator.func if isinstance(decorator, ast.Call) else decorator)
    if not isinstance(maker, Function):
        return None
    holders = [node for node in maker.node.body if isinstance(node, ast.FunctionDef)] if made else [maker.node]
    found = [
        Wrapper(Function(maker.module, node), call, decorator)
        for holder in holders
        for node in holder.body
        if isinstance(node, ast.AsyncFunctionDef)
        for call in _calls(maker.module, node, first_parameter(holder.args))
    ]
    return found[0] if len(found) == 1 else None


def _calls(module: Module, node: ast.AsyncFunctionDef, given: ast.arg | None) -> list[ast.Call]:
    """List the calls of what a decorator is given."""
    calls: list[ast.Call] = [*own_nodes(module, node, ast.Call)]  # type: ignore[list-item]
    return [call for call in calls if given and isinstance(call.func, ast.Name) and call.func.id == given.arg]


def run(walk: Walk, function: Function, around: Wrapper) -> None:
    """Look at a function where its wrapper calls it.

    Args:
        walk: What is found; only what the function itself does.
        function: The function.
        around: The wrapper.
    """
    pairs = paired(Function(function.module, function.node), around.call.args, around.call.keywords)
    inside = around.function
    known = {item.arg: item for item in (*inside.node.args.posonlyargs, *inside.node.args.args)}
    handed = {value.id: own for own, value in pairs if isinstance(value, ast.Name) and value.id in known}
    given: dict[ast.arg, Key | None] = {known[name]: _parameter(function, own) for name, own in handed.items()}

    def at_call(world: World) -> Flow:
        for own, value in pairs:
            key = walk.key(frame, value)
            if key is not None and not (isinstance(value, ast.Name) and value.id in handed):
                walk.aliases[_parameter(function, own)] = key
                walk.kinds.setdefault(key, walk.resource(frame, key, value))
        walk.active.append(function.node)
        done = flow.block(walk, Frame(function), function.node.body, world)
        walk.active.pop()
        return done

    frame = Frame(inside, given, around.decorator, walk.next_entry(), depth=1, at_call=(around.call, at_call))
    inlining.run(walk, frame, {})
    walk.found = [found for found in walk.found if found.at is not around.decorator]
    walk.lost = {write: end for write, end in walk.lost.items() if write.place.site is not around.decorator}


def _parameter(function: Function, node: ast.arg) -> Key:
    scope = function.module.index.scopes[function.node]
    return Variable(function.module, tuple(scope.names[node.arg]), function.node, node.arg)
