"""Reads of mapped objects that will raise, function by function."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.flow.calling.deferring import finish
from flake8_async_sqla.semantics.flow.calling.injecting import inject, is_given_objects
from flake8_async_sqla.semantics.flow.failure import Failure
from flake8_async_sqla.semantics.flow.reads.handing import respond
from flake8_async_sqla.semantics.flow.relevance import uses_session
from flake8_async_sqla.semantics.flow.state.frame import Exhausted, Frame, Reading, Run
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.values import OPAQUE, Many, Object, Plain
from flake8_async_sqla.semantics.flow.statements.statements import run_block
from flake8_async_sqla.semantics.inference.functions import registers
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import parameters
from flake8_async_sqla.semantics.types import FunctionNode

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def failures(module: Module) -> tuple[Failure, ...]:
    """List the reads of a module's coroutines that will raise.

    Args:
        module: The module; reads in functions of other modules that it calls are reported at the call.
    """
    return module.cached("failures", lambda: _failures(module))


def _failures(module: Module) -> tuple[Failure, ...]:
    functions = [
        node
        for node in module.index.scopes
        if isinstance(node, _FUNCTIONS) and (uses_session(module, node) or _starts_with_objects(module, node))
    ]
    return tuple(found for node in functions for found in _of_function(module, node))


def _starts_with_objects(module: Module, node: FunctionNode) -> bool:
    """Tell whether a framework calls a function, with objects that were queried before: a route, a test."""
    called = node.name.startswith("test") or any(registers(module, item) for item in node.decorator_list)
    return called and is_given_objects(module, node)


def _of_function(module: Module, node: FunctionNode) -> list[Failure]:
    readings = _readings(module, node)
    flags = _flags(module, node)
    found = [failure for way in readings.values() if (failure := _verdict(way, flags)) is not None]
    return _distinct([failure for failure in found if not _of_callee(failure)])


def _readings(module: Module, node: FunctionNode) -> dict[tuple[object, ...], list[Reading]]:
    def analyse() -> dict[tuple[object, ...], list[Reading]]:
        run = Run(module, node)
        frame = Frame(run, module, node)
        state = State()
        _parameters(frame, state, node)
        try:
            flow = run_block(frame, node.body, [state])
            respond(frame, flow)
            for end in flow.ways_out():
                finish(frame, end)
        except (Exhausted, RecursionError):
            return {}
        return run.readings

    return module.cached(("readings", node), analyse)


def _parameters(frame: Frame, state: State, node: FunctionNode) -> None:
    given = inject(frame, state)
    found = {name: Plain(name) if isinstance(value, Plain) else value for name, value in given.items()}
    for variadic in (node.args.vararg, node.args.kwarg):
        if variadic is not None:
            found[variadic.arg] = OPAQUE
    state.names.update(found)
    for value in found.values():
        item = value.item if isinstance(value, Many) else value
        if isinstance(item, Object):
            frame.run.strangers.append(state.objects[item.id].mapped.cls)


def _flags(module: Module, node: FunctionNode) -> frozenset[int]:
    """List the conditions that are true by the default of a flag: who turns it off fails where the call is."""
    if any(registers(module, item) for item in node.decorator_list):
        return frozenset()
    on = {found.arg for found, default in parameters(node.args) if getattr(default, "value", None) is True}
    return frozenset(id(item) for item in ast.walk(node) if isinstance(item, ast.Name) and item.id in on)


def _verdict(readings: list[Reading], flags: frozenset[int] = frozenset()) -> Failure | None:
    """Decide over a read: it fails on all paths, or on one that nothing but the branch taken tells from the others."""
    failing = [reading for reading in readings if reading.failure is not None]
    if not failing:
        return None
    if len(failing) == len(readings):
        return failing[0].failure
    return next((reading.failure for reading in failing if _plain(reading, readings, flags)), None)


def _plain(reading: Reading, readings: list[Reading], flags: frozenset[int]) -> bool:
    """Tell whether the read comes after the branches that make it fail have met the others again."""
    others = [other for other in readings if other.failure is None]
    divergent = False
    for node, (taken, soft) in reading.trail.items():
        alternatives = any(other.trail.get(node, (taken, soft)) != (taken, soft) for other in readings)
        differs = any(other.trail.get(node, (taken, soft)) != (taken, soft) for other in others)
        if differs and (taken == "no turn" or (node in flags and not taken)):
            return False
        if differs:
            divergent = True
        elif divergent and not soft and not alternatives:
            return False
    return divergent


def _of_callee(failure: Failure) -> bool:
    """Tell whether a function that was called fails by itself, whoever calls it: that is reported where it is."""
    for place in failure.chain:
        function = next((item for item in place.module.ancestors(place.node) if isinstance(item, _FUNCTIONS)), None)
        if isinstance(function, ast.AsyncFunctionDef):
            inner = _readings(place.module, function)
            flags = _flags(place.module, function)
            found = (_verdict(ways, flags) for key, ways in inner.items() if key[0] is failure.chain[-1].node)
            if any(item is not None for item in found):
                return True
    return False


def _distinct(found: list[Failure]) -> list[Failure]:
    """Keep one finding per object and attribute."""
    kept: dict[object, Failure] = {}
    for failure in sorted(found, key=lambda item: (item.at.lineno, item.at.col_offset)):
        cause = failure.cause.node if failure.cause is not None else None
        kept.setdefault((failure.kind, failure.cls, failure.path, cause, failure.at), failure)
    return list(kept.values())
