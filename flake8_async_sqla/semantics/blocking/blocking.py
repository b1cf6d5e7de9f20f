"""Where a coroutine does synchronous database IO, with what, and by way of which functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from flake8_async_sqla.semantics.blocking.event_loops import at_startup, coroutines, is_test, runs_alone
from flake8_async_sqla.semantics.blocking.sync_io import CONNECTION, QUERY, SYNC, is_blocking, sync_io
from flake8_async_sqla.semantics.files.importers import dependents
from flake8_async_sqla.semantics.frameworks.dependencies import provided
from flake8_async_sqla.semantics.inference.calls import ASYNC_ENGINE, ASYNC_SESSION, ENGINE, SESSION
from flake8_async_sqla.semantics.inference.classes import class_attribute, is_a
from flake8_async_sqla.semantics.inference.frames import Frame, enter, pairs
from flake8_async_sqla.semantics.inference.functions import is_generator, is_stub, manager_kind, own_nodes, transparent
from flake8_async_sqla.semantics.inference.promising import promising
from flake8_async_sqla.semantics.inference.switches import chosen, switched_off
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import first_parameter, parameters
from flake8_async_sqla.semantics.objects.identities import ASYNC_CONNECTION
from flake8_async_sqla.semantics.objects.origins import engine_origin, factory_of, origin_of
from flake8_async_sqla.semantics.sessions.constructed import implementation
from flake8_async_sqla.semantics.types import (
    Function,
    Instance,
    NoneValue,
    ProjectClass,
    ProjectInstance,
    Type,
)

__all__ = ["BlockingUse", "Root", "arguments", "blocking_use", "blocking_uses", "is_test", "uses"]
_ITERATING = (ast.For, ast.comprehension, ast.YieldFrom)
_CONSUMING = frozenset({"list", "next", "set", "sorted", "tuple"})
MAX_ALIASES = 8


class Root(NamedTuple):
    """The object that a function does IO with.

    Attributes:
        parameter: The function's parameter that it comes from; empty for one that the function makes or a global.
        path: The attributes that lead from the parameter to it; without one, where its engine was made.
    """

    parameter: str
    path: str


@dataclass(frozen=True, slots=True)
class BlockingUse:
    """Synchronous database IO in a function, its own or that of a function it calls.

    Attributes:
        module: The module of the function.
        function: The function.
        at: The call or loop in it that blocks.
        root: What it blocks with.
        kind: The type of that.
        steps: The functions on the way, as the reader knows them.
        member: What happens at the end, as ``Session.execute``.
        end: Module and line of that.
    """

    module: Module
    function: ast.FunctionDef | ast.AsyncFunctionDef
    at: ast.Call | ast.For
    root: Root
    kind: Type
    steps: tuple[str, ...]
    member: str
    end: tuple[Module, int]

    def describe(self, home: Module) -> str:
        """Name the coroutine and its place, as seen from another module."""
        place = f"line {self.at.lineno}" if self.module == home else f"{self.module.relative_path}:{self.at.lineno}"
        return f"coroutine '{self.function.name}' ({place})"

    @property
    def chain(self) -> str:
        """The way from the coroutine to the IO: ``read -> crud.get_user -> Session.execute (crud.py:12)``."""
        place = f" ({self.end[0].relative_path}:{self.end[1]})" if self.steps else ""
        return " -> ".join((self.function.name, *self.steps, self.member)) + place


def blocking_use(module: Module, made: object, *, factory: bool = False) -> BlockingUse | None:
    """Find a coroutine that does IO on what a call made, in its module or in those that depend on it.

    Args:
        module: The module of the call.
        made: The origin of an engine, or with ``factory`` of a session factory.
        factory: Whether ``made`` is a factory.
    """
    for place in dependents(module):
        for coroutine in coroutines(place):
            if at_startup(place, coroutine):
                continue
            for use in blocking_uses(place, coroutine):
                if made == (origin_of(factory_of(use.kind)) if factory else engine_origin(use.kind)):
                    return use
    return None


def blocking_uses(module: Module, node: ast.AsyncFunctionDef) -> list[BlockingUse]:
    """List how a coroutine function blocks its event loop: the first time with each object, in the order of the source.

    Args:
        module: The module of the function.
        node: The function; one that has an event loop to itself, or is part of the tests, blocks nobody.
    """

    def find() -> list[BlockingUse]:
        first: dict[Root, BlockingUse] = {}
        for use in _uses(Frame(module, node)):
            first.setdefault(use.root, use)
        found = [use for use in first.values() if not _awaits_its_provider(use)]
        return [] if not found or is_test(module) or runs_alone(module, node) else found

    return module.cached(("blocking", node), find)


def _awaits_its_provider(use: BlockingUse) -> bool:
    """Tell whether a parameter that is annotated as synchronous is fed by a dependency that is not."""
    bindings = use.module.index.scopes[use.function].names.get(use.root.parameter, [])
    fed = [provided(use.module, binding) for binding in bindings]
    return any(is_a(kind, ASYNC_SESSION, ASYNC_CONNECTION, ASYNC_ENGINE) for kind in fed)


def _uses(frame: Frame) -> tuple[BlockingUse, ...]:
    """List the synchronous IO of one function, in the order of the source; once for the same kinds of arguments."""
    module = frame.module
    memo: dict[Frame, tuple[BlockingUse, ...]] = module.cached("blocking uses", dict)
    return module.project.solve(frame, memo, lambda: _collect(frame), (), module.path)


def _collect(frame: Frame) -> tuple[BlockingUse, ...]:
    module, found = frame.module, []
    asynchronous: set[Root] = set()
    for node in own_nodes(module, frame.node, ast.Call, ast.For):
        assert isinstance(node, (ast.Call, ast.For))
        direct = sync_io(frame, node)
        if direct is not None:
            root = _root(frame, direct.receiver, direct.kind)
            if isinstance(module.parent(node), ast.Await):
                asynchronous.add(root)
            else:
                end = (module, node.lineno)
                found.append(BlockingUse(module, frame.node, node, root, direct.kind, (), direct.member, end))
        elif isinstance(node, ast.Call):
            found.extend(_through(frame, node))
    for block in own_nodes(module, frame.node, ast.AsyncWith):
        for item in block.items:  # type: ignore[attr-defined]
            kind = frame.type_of(item.context_expr)
            if is_a(kind, *SYNC):
                asynchronous.add(_root(frame, item.context_expr, kind))
    found.sort(key=lambda use: (use.at.lineno, use.at.col_offset))
    return tuple(use for use in found if use.root not in asynchronous)


def _through(frame: Frame, call: ast.Call) -> Iterator[BlockingUse]:
    """Yield the IO of the project function that a call runs; a coroutine function reports what it sees by itself."""
    function = _called(frame, call)
    if function is None or function.node is frame.node or not _runs_here(frame, call, function):
        return
    inner = enter(frame, function, call)
    is_coroutine = isinstance(function.node, ast.AsyncFunctionDef)
    if is_coroutine and not inner.given:
        return
    own = {use.root for use in _uses(Frame(inner.module, inner.node))} if is_coroutine else set()
    given = dict(pairs(function, call))
    told: set[Root] = own
    for use in _uses(inner):
        if use.root in told or switched_off(function, call, use.at) or chosen(function, use.at):
            continue
        told.add(use.root)
        moved = _seen_from(frame, call, function, given, use)
        if moved is not None:
            yield moved


def _seen_from(
    frame: Frame, call: ast.Call, function: Function, given: dict[str, ast.expr], use: BlockingUse
) -> BlockingUse | None:
    """Describe the IO of a called function in terms of its caller."""
    steps = (_name(frame.module, function), *use.steps)
    root, kind = use.root, use.kind
    if root.parameter:
        first = first_parameter(function.node.args)
        value = given.get(root.parameter)
        if value is None and function.receiver is not None and first is not None and first.arg == root.parameter:
            value = call.func.value if isinstance(call.func, ast.Attribute) else call.func
        if value is None:
            parameter = root.parameter in (argument.arg for argument, _ in parameters(function.node.args))
            return None if parameter else replace(use, function=frame.node, at=call, steps=steps)
        known = frame.type_of(value)
        if not root.path:
            if isinstance(known, NoneValue) or (isinstance(known, Instance) and not is_blocking(frame, value, known)):
                return None
            kind = known if is_a(known, *SYNC) else kind
        outer = _root(frame, value, known)
        root = Root(outer.parameter, outer.path + root.path) if outer.parameter else _made(kind)
    return replace(use, module=frame.module, function=frame.node, at=call, root=root, kind=kind, steps=steps)


def _called(frame: Frame, call: ast.Call) -> Function | None:
    func = call.func
    if (
        isinstance(func, ast.Name)
        and not frame.given
        and not promising(frame.module, func, frame.module.scope_of(func))
    ):
        return None
    kind = frame.type_of(func)
    if isinstance(kind, ProjectClass):
        kind = class_attribute(kind, "__init__", ProjectInstance(kind))
    elif isinstance(kind, ProjectInstance):
        kind = class_attribute(kind.cls, "__call__", kind)
    if not isinstance(kind, Function) or not transparent(kind.module, kind.node):
        return None
    return implementation(frame.module, func, kind) if is_stub(kind.node) else kind


def _runs_here(frame: Frame, call: ast.Call, function: Function) -> bool:
    """Tell whether a call runs the function's body on the spot: a generator's runs where it is entered or iterated."""
    outer = frame.module.parent(call)
    if manager_kind(function.module, function.node) is not None:
        return isinstance(outer, ast.withitem)
    if isinstance(function.node, ast.AsyncFunctionDef):
        return isinstance(outer, (ast.Await, ast.AsyncFor))
    if is_generator(function.module, function.node):
        consumed = isinstance(outer, ast.Call) and isinstance(outer.func, ast.Name) and outer.func.id in _CONSUMING
        return consumed or isinstance(outer, _ITERATING)
    return not isinstance(outer, ast.Await)


def _name(caller: Module, function: Function) -> str:
    """Name a function for the reader of another: with its class, or with its file where that is another."""
    holder = function.module.parent(function.node)
    if isinstance(holder, ast.ClassDef):
        return f"{holder.name}.{function.node.name}"
    if function.module == caller:
        return function.node.name
    return f"{function.module.relative_path.removesuffix('.py').rpartition('/')[2]}.{function.node.name}"


def _root(frame: Frame, node: ast.expr, kind: Type, hops: int = MAX_ALIASES) -> Root:
    """Say what object an expression means, for a function that may do IO with several."""
    if hops and isinstance(node, ast.Name):
        found = frame.module.scope_of(node).lookup(node.id)
        for binding in found[1] if found is not None and found[0].kind in ("function", "comprehension") else ():
            if binding.kind == "parameter":
                return Root(node.id, "")
            if binding.value is not None and binding.kind in ("value", "with") and not binding.unpack:
                return _root(frame, binding.value, kind, hops - 1)
    if hops and isinstance(node, ast.Attribute):
        outer = _root(frame, node.value, kind, hops - 1)
        if outer.parameter:
            return Root(outer.parameter, f"{outer.path}.{node.attr}")
    if hops and isinstance(node, ast.Call) and is_a(kind, QUERY, CONNECTION):
        sources = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        for source in (*sources, *node.args, *(keyword.value for keyword in node.keywords)):
            if is_a(holder := frame.type_of(source), *SYNC):
                return _root(frame, source, holder, hops - 1)
    made = _made(kind)
    if is_a(kind, QUERY) and ":" not in made.path:
        names = [argument.arg for argument, _ in parameters(frame.node.args)]
        scope = frame.module.index.scopes[frame.node]
        loads = [scope.loads[name][0] for name in names if name in scope.loads]
        return next((Root(use.id, "") for use in loads if is_a(frame.type_of(use), *SYNC)), made)
    return made


def _made(kind: Type) -> Root:
    """Name an object that is no parameter by where its engine or it was made."""
    origin = engine_origin(kind) or origin_of(factory_of(kind)) or origin_of(kind)
    if origin is not None:
        return Root("", f"{origin.path}:{origin.line}:{origin.column}")
    return Root("", kind.cls if isinstance(kind, Instance) else "")


def arguments(function: Function, call: ast.Call) -> Iterator[tuple[ast.expr, str]]:
    """Pair the arguments of a call with the names of the parameters that take them."""
    for name, value in pairs(function, call):
        yield value, name


def uses(function: Function, name: str) -> bool:
    """Tell whether a function does IO through the sync session, connection or engine that one parameter takes."""
    frames = [Frame(function.module, function.node, ((name, Instance(cls)),)) for cls in (SESSION, CONNECTION, ENGINE)]
    binding = function.module.index.scopes[function.node].names[name][0]
    frames = frames if binding.annotation is None else [Frame(function.module, function.node)]
    return any(use.root == Root(name, "") for frame in frames for use in _uses(frame))
