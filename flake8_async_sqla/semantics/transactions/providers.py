"""Endpoints, looked at together with the providers of their sessions."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from flake8_async_sqla.semantics.frameworks.dependencies import dependency_calls, shared_provider
from flake8_async_sqla.semantics.inference.classes import class_attribute
from flake8_async_sqla.semantics.inference.functions import is_generator, manager_kind, registers
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import parameters
from flake8_async_sqla.semantics.objects.identity import Provided
from flake8_async_sqla.semantics.transactions import effects, inlining
from flake8_async_sqla.semantics.transactions.states import World, join
from flake8_async_sqla.semantics.transactions.walk import Flow, Frame, Walk
from flake8_async_sqla.semantics.types import Function, ProjectClass, ProjectInstance

MAX_DEPENDENCIES = 12
_DECORATED = re.compile(r"^[ \t]*@[^\n]*\.", re.MULTILINE)


def is_endpoint(function: Function) -> bool:
    """Tell whether a web framework calls a function and injects its parameters."""
    return any(registers(function.module, decorator) for decorator in function.node.decorator_list)


def has_endpoints(module: Module) -> bool:
    """Tell whether a module defines a coroutine function that a web framework calls."""
    if _DECORATED.search(module.text) is None:
        return False
    nodes = (node for node in module.index.scopes if isinstance(node, ast.AsyncFunctionDef) and node.decorator_list)
    return any(is_endpoint(Function(module, node)) for node in nodes)


def run(walk: Walk, function: Function) -> None:
    """Look at an endpoint as FastAPI runs it: its dependencies first, itself where they yield, then what is left."""
    walk.injected = True
    steps = [(function, None), *_dependencies(function)]
    _run(walk, list(reversed(steps)), {})


def _dependencies(function: Function) -> list[tuple[Function, ast.arg | None]]:
    """List the functions that feed the parameters of an endpoint, with the parameter; last those that run first."""
    found: list[tuple[Function, ast.arg | None]] = []
    waiting: list[tuple[Function, ast.arg | None]] = [(function, None)]
    while waiting and len(found) < MAX_DEPENDENCIES:
        current, through = waiting.pop(0)
        scope = current.module.index.scopes[current.node]
        for parameter, _ in reversed(parameters(current.node.args)):
            provider = shared_provider(current.module, scope.names[parameter.arg][0])
            if isinstance(provider, ProjectClass):
                constructor = class_attribute(provider, "__init__", ProjectInstance(provider))
                if isinstance(constructor, Function):
                    waiting.append((constructor, through or parameter))
            elif isinstance(provider, Function):
                entry = (provider, through or parameter)
                found = [item for item in found if item[0].node is not provider.node] + [entry]
                waiting.append(entry)
    return found


def _run(walk: Walk, steps: Sequence[tuple[Function, ast.arg | None]], world: World) -> Flow:
    (function, parameter), rest = steps[0], steps[1:]
    if parameter is None:
        return inlining.run(walk, Frame(function, injected=True), world)
    if not inlining.visible(function) or manager_kind(function.module, function.node) is not None:
        return _run(walk, rest, effects.leaked(walk, world, list(world)))
    entry = walk.next_entry()
    if not is_generator(function.module, function.node):
        done = inlining.run(walk, Frame(function, {}, parameter, entry, depth=1, injected=True), world)
        after = done.finished()
        return _run(walk, rest, after) if after is not None else Flow()

    def at_yield(found: ast.Yield, now: World) -> Flow:
        given = walk.key(frame, found.value)
        if given is not None and found.value is not None:
            walk.kinds[given] = walk.resource(frame, given, found.value)
            walk.aliases[Provided(Function(function.module, function.node))] = given
        part = _run(walk, rest, now)
        return Flow(join(part.next, part.returned), raised=part.raised)

    late = not _ends_with_function(steps, function)
    frame = Frame(function, {}, parameter, entry, depth=1, at_yield=at_yield, injected=True, late=late)
    return inlining.run(walk, frame, world)


def _ends_with_function(steps: Sequence[tuple[Function, ast.arg | None]], provider: Function) -> bool:
    """Tell whether somebody asks for a dependency that ends with the endpoint: ``Depends(..., scope="function")``."""
    for function, _ in steps:
        scope = function.module.index.scopes[function.node]
        for parameter, _ in parameters(function.node.args):
            binding = scope.names[parameter.arg][0]
            if shared_provider(function.module, binding) != provider:
                continue
            keywords = [keyword for _, call in dependency_calls(function.module, binding) for keyword in call.keywords]
            if any(keyword.arg == "scope" and not _is_request(keyword.value) for keyword in keywords):
                return True
    return False


def _is_request(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value in ("request", None)
