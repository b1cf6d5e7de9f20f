"""What expressions do to the transactions of sessions and connections."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.objects.identity import Attribute, Key, Made, Variable, root
from flake8_async_sqla.semantics.transactions import changes, inlining
from flake8_async_sqla.semantics.transactions.actions import ACTIONS, ASKING, ENDING, Action, Problem, Resource, step
from flake8_async_sqla.semantics.transactions.states import START, Path, Phase, State, World, Write, join
from flake8_async_sqla.semantics.transactions.walk import Frame, Walk
from flake8_async_sqla.semantics.transactions.writes import written
from flake8_async_sqla.semantics.types import Function, ProjectClass

_DEFERRED = (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_LOOKING = (ast.Compare, ast.If, ast.While, ast.Assert, ast.UnaryOp, ast.BoolOp, ast.IfExp)
_SIGNS = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
_INERT = frozenset({ast.Constant, *(sign for kind in _SIGNS for sign in kind.__subclasses__())})
_KEEPING = (ast.Assign, ast.AnnAssign, ast.Attribute)
# What lists and loggers are told: nobody ends a transaction under these names.
_TELLING = frozenset(
    {"append", "critical", "debug", "error", "exception", "extend", "info", "log", "success", "warn", "warning"}
)
_HARMLESS = frozenset({"builtins.print", "builtins.isinstance", "builtins.id", "builtins.type", "builtins.repr"})


def visit(walk: Walk, frame: Frame, node: ast.AST, world: World) -> World:
    """Follow the evaluation of an expression or simple statement."""
    if type(node) in _INERT:
        return world
    if isinstance(node, ast.Call):
        return _call(walk, frame, node, world)
    if isinstance(node, (ast.Name, ast.Attribute)):
        return _read(walk, frame, node, world) if world else world
    if isinstance(node, _DEFERRED):
        return _captured(walk, frame, node, world)
    if isinstance(node, (ast.BoolOp, ast.IfExp)):
        first, others = (node.values[0], node.values[1:]) if isinstance(node, ast.BoolOp) else (node.test, [])
        world = visit(walk, frame, first, world)
        if isinstance(node, ast.IfExp):
            one, other = visit(walk, frame, node.body, world), visit(walk, frame, node.orelse, world)
            return join(one, other) or one
        return _maybe(walk, frame, others, world)
    if isinstance(node, _COMPREHENSIONS):
        first_part = node.generators[0]
        world = visit(walk, frame, first_part.iter, world)
        names = ("key", "value", "elt")
        return _maybe(walk, frame, [part for name in names if (part := getattr(node, name, None))], world)
    if isinstance(node, ast.Yield) and frame.at_yield is None:
        return leaked(walk, world, list(world)) if node.value is not None else world
    for child in ast.iter_child_nodes(node):
        world = visit(walk, frame, child, world)
    return world


def _maybe(walk: Walk, frame: Frame, nodes: Iterable[ast.AST], world: World) -> World:
    after = world
    for node in nodes:
        after = visit(walk, frame, node, after)
    return join(world, after) or world


def _read(walk: Walk, frame: Frame, node: ast.Name | ast.Attribute, world: World) -> World:
    """Give up a session that is handed to code that nobody looks at."""
    if not isinstance(node.ctx, ast.Load):
        return world
    if isinstance(node, ast.Name) and not walk.may_mean(frame, node, world):
        return world
    key = walk.key(frame, node)
    if isinstance(node, ast.Attribute):
        holder = walk.key(frame, node.value)
        if holder is not None and holder in world:
            if node.attr in ASKING:
                walk.leaked.update([holder] if node.attr.startswith("get_") else [])
                return _forgotten(world, [holder])
            return leaked(walk, world, [holder]) if node.attr in ACTIONS or node.attr.startswith("sync_") else world
        if key is None or key not in world:
            return visit(walk, frame, node.value, world) if not isinstance(node.value, ast.Name) else world
    if isinstance(frame.module.parent(node), _LOOKING):
        return world
    return leaked(walk, world, within(key, world)) if key is not None else world


def within(key: Key, world: World) -> list[Key]:
    """List the sessions that an object is or holds."""
    parts = {value for _, value in key.arguments} if isinstance(key, Made) else {key}
    return [found for found in world if found in parts or (isinstance(found, Attribute) and root(found) == key)]


def leaked(walk: Walk, world: World, keys: Iterable[Key]) -> World:
    """Give up what is known of sessions that unseen code may use from now on."""
    walk.leaked.update(keys)
    return _forgotten(world, keys)


def _forgotten(world: World, keys: Iterable[Key]) -> World:
    found = dict(world)
    for key in keys:
        paths = frozenset(Path(Phase.UNKNOWN, path.blocks) for path in found.get(key, START).paths)
        found[key] = found.get(key, START)._replace(paths=paths)
    return found


def _failed(state: State) -> bool:
    """Tell whether the rollback of a transaction, a savepoint's say, may be what a session waits for."""
    return any(path.phase is Phase.FAILED for path in state.paths)


def relieved(walk: Walk, world: World, by: Key | None = None) -> World:
    """Forget failed flushes of sessions that others hold: what was rolled back or left may hold the same session."""
    found = dict(world)
    for key, state in world.items():
        if key != by and key not in walk.owned and (isinstance(key, Attribute) or isinstance(by, Attribute)):
            kept = (Path(blocks=path.blocks) if path.phase is Phase.FAILED else path for path in state.paths)
            found[key] = state._replace(paths=frozenset(kept))
    return found


def _captured(walk: Walk, frame: Frame, node: ast.AST, world: World) -> World:
    if not world:
        return world
    names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    keys = [key for key in world if isinstance(start := root(key), Variable) and start.name in names]
    walk.leaked.update(keys)
    return world if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else _forgotten(world, keys)


def _call(walk: Walk, frame: Frame, call: ast.Call, world: World) -> World:
    func = call.func
    if frame.at_call is not None and frame.at_call[0] is call:
        return inlining.ended(walk, frame.at_call[1](world), world)
    if isinstance(func, ast.Attribute) and (action := ACTIONS.get(func.attr)) is not None:
        key = walk.key(frame, func.value)
        of = walk.resource(frame, key, func.value)
        if key is not None and of:
            for value in _arguments(call):
                world = visit(walk, frame, value, world)
            return perform(walk, frame, key, of, action, call, world)
    callee = frame.module.type_of(func)
    if isinstance(callee, Function) and (after := inlining.call(walk, frame, call, callee, world)) is not None:
        return after
    return _unseen(walk, frame, call, callee, world)


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _unseen(walk: Walk, frame: Frame, call: ast.Call, callee: object, world: World) -> World:
    func = call.func
    if getattr(callee, "path", "") in _HARMLESS:
        return world
    if isinstance(callee, ProjectClass) and inlining.plain(callee):
        held = {walk.key(frame, value) for value in _arguments(call)}
        seen = (*_KEEPING, ast.Return) if frame.site is not None else _KEEPING
        if held & set(world) and isinstance(frame.module.parent(call), seen):
            return world
    for value in _arguments(call):
        world = visit(walk, frame, value, world)
    if not isinstance(func, ast.Attribute):
        return visit(walk, frame, func, world)
    start: ast.expr = func.value
    while isinstance(start, (ast.Attribute, ast.Call, ast.Await)):
        start = start.func if isinstance(start, ast.Call) else start.value
    holder = walk.key(frame, func.value)
    if holder is not None and (keys := within(holder, world)):
        return leaked(walk, world, keys)
    telling = func.attr in _TELLING and isinstance(func.value, (ast.Name, ast.Attribute))
    if isinstance(start, ast.Name) and not telling and (base := walk.key(frame, start)) is not None:
        own = [key for key in world if isinstance(key, Attribute) and root(key) == base]
        world = _forgotten(world, own) if own else world
    if func.attr == "commit":
        walk.leaked.update(world)
    if func.attr in ENDING:
        world = _forgotten(world, [key for key in world if key not in walk.owned or _failed(world[key])])
    return visit(walk, frame, func.value, world) if not isinstance(func.value, ast.Name) else world


def perform(walk: Walk, frame: Frame, key: Key, of: Resource, action: Action, call: ast.Call, world: World) -> World:
    """Do to a session or connection what a call of its method does."""
    walk.kinds[key] = of
    state = world.get(key, START)
    place = frame.place(call)
    write = written(frame.module, call, frame.made)
    pending = state.pending
    if action == "unseen" and write is not None:
        action = "work"
    elif action == "unseen":
        return leaked(walk, world, [key])
    if action == "maybe" and write is not None and isinstance(argument(call, "instances", 0), (ast.List, ast.Tuple)):
        action = "add"
    judged: Action = "commit" if action == "flush" and pending else action
    problems: dict[Path, Problem] = {
        path: problem for path in state.paths if (problem := step(path, judged, of, place, walk.idle(key))[1])
    }
    if action == "flush" and judged == "commit":
        problems = {path: problem for path, problem in problems.items() if problem == "failed"}
    if problems:
        walk.report(frame, call, state, problems, of)
    if action in ("commit", "flush") and of == "session" and (action == "flush" or state.dirty):
        failed = (path for path in state.paths if not any(item.nested for item in path.blocks))
        failing = frozenset(Path(Phase.FAILED, path.blocks, place) for path in failed)
        if failing:
            walk.raising.append({**world, key: State(failing | state.paths, pending, True)})
    if isinstance(call.func, ast.Attribute) and call.func.attr == "connection":
        walk.leaked.add(key)
    if action in ("commit", "flush") and key in walk.closed:
        walk.leaked.add(key)  # it should stand in the block: ASQ212
    if action == "commit":
        _committed(walk, frame, pending, call)
        pending = frozenset()
    elif action in ("rollback", "close"):
        if action == "close":
            walk.closes(frame, key, world, call)
        pending = frozenset()
    elif action in ("flush", "work"):
        pending = frozenset(item._replace(flushed=True) for item in pending)
    if write is not None and len(problems) < len(state.paths):
        handed = not write[1] and not written(frame.module, call)
        pending |= {Write(place, write[0], write[1], not write[1], handed)}
    paths = frozenset(step(path, action, of, place, walk.idle(key))[0] for path in state.paths)
    if action in ("rollback", "close"):
        world = relieved(walk, world, key)
    dirty = action in ("add", "maybe") or (
        state.dirty and action not in ("commit", "flush", "rollback", "close", "work")
    )
    return {**world, key: State(paths, pending, dirty or call.func.attr == "merge")}  # type: ignore[attr-defined]


def _committed(walk: Walk, frame: Frame, pending: frozenset[Write], call: ast.AST) -> None:
    walk.commits(pending)
    if frame.late:
        walk.late.extend((item, frame.place(call)) for item in pending if item.orm and not item.flushed)


def changed(world: World) -> World:
    """Say of all sessions that a flush may have something to do: an attribute of an object is set."""
    return {key: state._replace(dirty=True) for key, state in world.items()}


def set_attributes(walk: Walk, frame: Frame, targets: Sequence[ast.expr], world: World) -> World:
    """Follow an assignment to attributes: on objects of a session it is a change like any other."""
    for target in targets:
        key = changes.changed(walk, frame, target)
        if key is not None and key in world:
            write = Write(frame.place(target), target, True)
            state = world[key]
            paths = frozenset(step(path, "add", "session", write.place, walk.idle(key))[0] for path in state.paths)
            world = {**world, key: State(paths, state.pending | {write}, True)}
    return world


def end_block(walk: Walk, frame: Frame, key: Key, node: ast.AST, world: World, raised: bool) -> World:
    """Leave the innermost block of a session's transaction: it commits, or rolls back after an exception."""
    state = world.get(key, START)
    paths: set[Path] = set()
    ends = False
    for path in state.paths:
        block, outer = (path.blocks[-1], path.blocks[:-1]) if path.blocks else (None, ())
        if block is not None and block.nested and path.phase is not Phase.ENDED:
            if key in walk.releasing:
                walk.commits(state.pending)
            paths.add(Path(Phase.BEGUN if not raised or not outer else Phase.UNKNOWN, outer, path.since))
            continue
        ends = True
        idle = walk.idle(key)
        ended = Phase.ENDED if block is not None and block.nested else Phase.UNKNOWN  # begin() was refused in there
        paths.add(Path(ended if outer else idle, outer, path.since or frame.place(node)))
    if ends and not raised:
        _committed(walk, frame, state.pending, node)
    return {**world, key: State(frozenset(paths), frozenset() if ends else state.pending, state.dirty and not ends)}
