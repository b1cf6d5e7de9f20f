"""Blocks that open sessions, connections and transactions, and end them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import NamedTuple

from flake8_async_sqla.semantics.inference.calls import ASYNC_ENGINE, FACTORIES, SESSIONS
from flake8_async_sqla.semantics.inference.classes import is_a, is_class
from flake8_async_sqla.semantics.inference.functions import manager_kind
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.objects.identities import arguments_of
from flake8_async_sqla.semantics.objects.identity import Key, Variable
from flake8_async_sqla.semantics.transactions import effects, flow, inlining, opening
from flake8_async_sqla.semantics.transactions.actions import ACTIONS, Resource, resource
from flake8_async_sqla.semantics.transactions.states import Block, Path, Phase, State, World, join
from flake8_async_sqla.semantics.transactions.walk import Flow, Frame, Walk
from flake8_async_sqla.semantics.types import UNKNOWN, Function, Member, ProjectInstance, Unknown

_SUPPRESS = "contextlib.suppress"
_EXITS = ("next", "returned", "broke", "continued", "raised")


class Entered(NamedTuple):
    """What entering a manager leads to, and what leaving it does; the flag says whether an exception passes."""

    world: World
    leave: Callable[[World, bool], World]


def entered(walk: Walk, frame: Frame, node: ast.With | ast.AsyncWith, items: list[ast.withitem], world: World) -> Flow:
    """Follow a ``with`` or ``async with`` statement, manager by manager."""
    if not items:
        return flow.block(walk, frame, node.body, world)
    item, rest = items[0], items[1:]
    call = item.context_expr
    function = frame.module.type_of(call.func) if isinstance(call, ast.Call) else None
    if isinstance(call, ast.Call) and isinstance(function, Function) and _managed(walk, frame, function):
        return _generator(walk, frame, node, items, function, world)
    if isinstance(call, ast.Call) and callee(frame.module, call) == _SUPPRESS:
        return _suppressed(walk, frame, node, items, world)
    opened = _open(walk, frame, item, world)
    if opened is None:
        after, raised = flow.expression(walk, frame, call, world)
        after = opening.rebound(frame, item, after) if after is not None else None
        if (own := opening.target(frame, item)) is not None:
            walk.aliases.pop(own, None)
        inner = entered(walk, frame, node, rest, after) if after is not None else Flow()
        if isinstance(frame.module.type_of(call), (ProjectInstance, Unknown)):
            _left(inner, lambda way, _: effects.relieved(walk, way))
        inner.raised = join(inner.raised, raised)
        return inner
    inner = entered(walk, frame, node, rest, opened.world)
    _left(inner, opened.leave)
    return inner


def _left(inner: Flow, leave: Callable[[World, bool], World]) -> None:
    for name in _EXITS:
        if (way := getattr(inner, name)) is not None:
            setattr(inner, name, leave(way, name == "raised"))


def _managed(walk: Walk, frame: Frame, function: Function) -> bool:
    fits = manager_kind(function.module, function.node) is not None and function.node not in walk.active
    return fits and frame.depth < inlining.MAX_DEPTH


def _generator(
    walk: Walk,
    frame: Frame,
    node: ast.With | ast.AsyncWith,
    items: list[ast.withitem],
    function: Function,
    world: World,
) -> Flow:
    """Run the generator behind a manager of the project, and the block where it yields."""
    item, rest = items[0], items[1:]
    call = item.context_expr
    assert isinstance(call, ast.Call)
    inside = Flow()

    def at_yield(found: ast.Yield, now: World) -> Flow:
        if isinstance(item.optional_vars, ast.Name):
            own = opening.target(frame, item)
            given = walk.key(inner, found.value)
            if own is not None and given is not None:
                walk.aliases[own] = given
                walk.kinds.setdefault(given, resource(inner.module.type_of(found.value)))
        walk.active.remove(function.node)
        part = entered(walk, frame, node, rest, now)
        walk.active.append(function.node)
        inside.add(part)
        inside.next = join(inside.next, part.next)
        leaving = join(join(part.next, part.returned), join(part.broke, part.continued))
        return Flow(leaving, raised=part.raised)

    arguments = arguments_of(frame.module, function, call.func, call.args, call.keywords)
    keys = {parameter: walk.translated(frame, key) for parameter, key in arguments.items()}
    place = frame.place(call)
    entry = frame.entry or walk.next_entry()
    inner = Frame(function, keys, place.site, entry, place.certain, frame.depth + 1, at_yield)
    done = inlining.run(walk, inner, world)
    after = done.finished()
    ways = {name: after if getattr(inside, name) is not None else None for name in _EXITS[:-1]}
    return Flow(**ways, raised=done.raised)


def _suppressed(
    walk: Walk, frame: Frame, node: ast.With | ast.AsyncWith, items: list[ast.withitem], world: World
) -> Flow:
    call = items[0].context_expr
    assert isinstance(call, ast.Call)
    inner = entered(walk, frame, node, items[1:], world)
    names = {name for kind in call.args for name in flow.caught(frame.module, kind)}
    if inner.raised is not None and names:
        inner.next = join(inner.next, flow.handled(inner.raised, frame.place(call), world))
    elif inner.raised is not None:
        inner.next = join(inner.next, flow.without_failures(inner.raised))
    return inner


def _open(walk: Walk, frame: Frame, item: ast.withitem, world: World) -> Entered | None:
    """Enter what opens a session, connection or transaction; ``None`` for other managers."""
    module, manager = frame.module, item.context_expr
    if isinstance(manager, (ast.Name, ast.Attribute)):
        key = walk.key(frame, manager)
        of = walk.resource(frame, key, manager)
        return Entered(world, _closing(walk, frame, key, of, item)) if key is not None and of else None
    if isinstance(manager, ast.Await):
        manager = manager.value
    if not isinstance(manager, ast.Call):
        return None
    kind = module.type_of(manager.func)
    if is_a(kind, *FACTORIES) or is_class(kind, *SESSIONS):
        return _opened(walk, frame, item, manager, world, begun=False)
    if not isinstance(manager.func, ast.Attribute):
        return None
    name = manager.func.attr
    if isinstance(kind, Member) and name in ("begin", "connect") and is_a(kind.receiver, *FACTORIES, ASYNC_ENGINE):
        return _opened(walk, frame, item, manager, world, begun=name == "begin")
    key = walk.key(frame, manager.func.value)
    of = walk.resource(frame, key, manager.func.value)
    if not of and module.type_of(manager.func.value) is UNKNOWN and item.optional_vars is None:
        of = "session"  # a function that is given it may know its type
    if name not in ("begin", "begin_nested") or key is None or not of:
        return None
    return _transaction(walk, frame, item, manager, key, of, world)


def _opened(
    walk: Walk, frame: Frame, item: ast.withitem, call: ast.Call, world: World, *, begun: bool
) -> Entered | None:
    key = opening.target(frame, item)
    made = frame.module.type_of(item.optional_vars)
    of = resource(made)
    if key is None or not of:
        return None
    after = opening.fresh(walk, frame, key, of, call, made, world)
    if begun:
        place = frame.place(call)
        block = Block(item, nested=False, entry=frame.entry)
        after = {**after, key: State(frozenset({Path(Phase.BEGUN, (block,), place, True)}))}

    def leave(way: World, raised: bool) -> World:
        if begun:
            way = effects.end_block(walk, frame, key, item.context_expr, way, raised)
        return _closing(walk, frame, key, of, item)(way, raised)

    return Entered(after, leave)


def _closing(
    walk: Walk, frame: Frame, key: Key | None, of: Resource, item: ast.withitem
) -> Callable[[World, bool], World]:
    def leave(way: World, raised: bool) -> World:
        if key is None:
            return way
        if not raised:
            walk.closes(frame, key, way, item.context_expr)
        phase = Phase.CLOSED if of == "connection" else walk.idle(key)
        return {**way, key: State(frozenset({Path(phase, (), frame.place(item.context_expr), True)}))}

    return leave


def _transaction(
    walk: Walk, frame: Frame, item: ast.withitem, call: ast.Call, key: Key, of: Resource, world: World
) -> Entered:
    """Enter ``session.begin()`` or ``session.begin_nested()``."""
    assert isinstance(call.func, ast.Attribute)
    after = effects.perform(walk, frame, key, of, ACTIONS[call.func.attr], call, world)
    block = Block(item, call.func.attr == "begin_nested", frame.entry)
    state = after[key]
    after[key] = state._replace(paths=frozenset(path._replace(blocks=(*path.blocks, block)) for path in state.paths))
    if (own := opening.target(frame, item)) is not None and not block.nested:
        walk.aliases[own] = key
        walk.kinds[key] = of

    def leave(way: World, raised: bool) -> World:
        way = effects.relieved(walk, way, key) if raised else way
        return effects.end_block(walk, frame, key, call, way, raised)

    return Entered(after, leave)


def assigned(walk: Walk, frame: Frame, node: ast.Assign | ast.AnnAssign, world: World) -> World:
    """Follow ``session = factory()`` and ``transaction = await session.begin()``."""
    world = opening.rebound(frame, node, world)
    key = opening.target(frame, node)
    value = node.value.value if isinstance(node.value, ast.Await) else node.value
    if key is None or not isinstance(value, ast.Call):
        return world
    world = _made(walk, frame, node, key, value, world)
    kept = isinstance(node, ast.Assign) and not all(isinstance(item, ast.Name) for item in node.targets)
    return effects.leaked(walk, world, [key]) if kept and key in world else world


def _made(walk: Walk, frame: Frame, node: ast.Assign | ast.AnnAssign, key: Key, value: ast.Call, world: World) -> World:
    """Start to follow what a call that is assigned to a name makes."""
    kind = frame.module.type_of(value.func)
    if is_a(kind, *FACTORIES) or is_class(kind, *SESSIONS):
        made = frame.module.type_of(value)
        of = resource(made)
        return opening.fresh(walk, frame, key, of, value, made, world) if of else world
    if isinstance(kind, Member) and isinstance(value.func, ast.Attribute):
        if kind.name == "begin" and (of := resource(kind.receiver)):
            session = walk.key(frame, value.func.value)
            if session is not None and isinstance(key, Variable):
                walk.aliases[key] = session
                walk.kinds[session] = of
        elif kind.name == "connect" and is_a(kind.receiver, ASYNC_ENGINE) and isinstance(node.value, ast.Await):
            return opening.fresh(walk, frame, key, "connection", value, frame.module.type_of(node.value), world)
    return world
