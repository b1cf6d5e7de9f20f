"""The statements of a function, in the order in which Python runs them."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.inference.functions import never_returns
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import parts
from flake8_async_sqla.semantics.transactions import blocks, effects, opening
from flake8_async_sqla.semantics.transactions.states import START, Path, Phase, Place, State, World, join
from flake8_async_sqla.semantics.transactions.walk import Flow, Frame, Walk
from flake8_async_sqla.semantics.types import External

MAX_ROUNDS = 3
_DATABASE_ERRORS = frozenset(
    {
        "DBAPIError", "DataError", "DatabaseError", "IntegrityError", "InterfaceError", "InternalError",
        "NotSupportedError", "OperationalError", "ProgrammingError", "SQLAlchemyError", "StaleDataError",
        "StatementError",
    }
)  # fmt: skip
_ALL = frozenset({"BaseException", "Exception"})


def block(walk: Walk, frame: Frame, statements: list[ast.stmt], world: World) -> Flow:
    """Follow statements one after the other."""
    flow = Flow(world)
    for node in statements:
        if flow.next is None:
            break
        part = statement(walk, frame, node, flow.next)
        flow.add(part)
        flow.next = part.next
    return flow


def statement(walk: Walk, frame: Frame, node: ast.stmt, world: World) -> Flow:
    """Follow one statement."""
    if isinstance(node, ast.If):
        return _branches(walk, frame, node.test, [node.body, node.orelse], world)
    if isinstance(node, ast.Match):
        cases: list[list[ast.stmt]] = [case.body for case in node.cases]
        return _branches(walk, frame, node.subject, [*cases, []], world)
    if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
        return _loop(walk, frame, node, world)
    if isinstance(node, (ast.With, ast.AsyncWith)):
        return blocks.entered(walk, frame, node, list(node.items), world)
    if isinstance(node, ast.Try) or type(node).__name__ == "TryStar":
        return _try(walk, frame, node, world)  # type: ignore[arg-type]
    if isinstance(node, ast.Break):
        return Flow(broke=world)
    if isinstance(node, ast.Continue):
        return Flow(continued=world)
    return _simple(walk, frame, node, world)


def expression(walk: Walk, frame: Frame, node: ast.AST, world: World) -> tuple[World | None, World | None]:
    """Evaluate an expression or simple statement; give what is known after it, and where it raises."""
    outer, walk.raising = walk.raising, []
    after: World | None = effects.visit(walk, frame, node, world)
    raised = after if _rolls_back(node) else join(world, after)
    for way in walk.raising:
        raised = join(raised, way)
    walk.raising = outer
    if walk.dead:
        walk.dead = False
        after = None
    return after, raised


def _rolls_back(node: ast.AST) -> bool:
    """Tell whether a statement only ends a transaction: it has ended even if the database is gone."""
    call = node.value.value if isinstance(node, ast.Expr) and isinstance(node.value, ast.Await) else None
    return (
        isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ("rollback", "close")
    )


def _simple(walk: Walk, frame: Frame, node: ast.stmt, world: World) -> Flow:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield) and frame.at_yield is not None:
        return frame.at_yield(node.value, world)
    after, raised = expression(walk, frame, node, world)
    if isinstance(node, ast.Return):
        return Flow(returned=after, raised=raised)
    if isinstance(node, ast.Raise) or never_returns(frame.module, node):
        return Flow(raised=raised)
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and after is not None:
        if not isinstance(node, ast.AugAssign):
            after = blocks.assigned(walk, frame, node, after)
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(item, ast.Attribute) and not isinstance(item.value, ast.Attribute) for item in targets):
            after = effects.changed(after)
            after = effects.set_attributes(walk, frame, targets, after)
    return Flow(after, raised=raised)


def _branches(walk: Walk, frame: Frame, test: ast.expr, ways: list[list[ast.stmt]], world: World) -> Flow:
    after, raised = expression(walk, frame, test, world)
    flow = Flow(raised=raised)
    if after is not None:
        for way in ways:
            part = block(walk, frame, way, after)
            flow.add(part)
            flow.next = join(flow.next, part.next)
    return flow


def _loop(walk: Walk, frame: Frame, node: ast.For | ast.AsyncFor | ast.While, world: World) -> Flow:
    head: World | None = world
    flow = Flow()
    endless = isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and bool(node.test.value)
    for _ in range(MAX_ROUNDS):
        assert head is not None
        start, raised = expression(walk, frame, node.test if isinstance(node, ast.While) else node.iter, head)
        flow.raised = join(flow.raised, raised)
        if start is None:
            return flow
        inside = start if isinstance(node, ast.While) else opening.rebound(frame, node, start)
        part = block(walk, frame, node.body, inside)
        flow.returned = join(flow.returned, part.returned)
        flow.broke = join(flow.broke, part.broke)
        flow.raised = join(flow.raised, part.raised)
        again = join(join(head, part.next), part.continued)
        if again == head:
            break
        head = again
    broke, flow.broke = flow.broke, None
    if endless:
        flow.next = broke
        return flow
    assert head is not None
    rest = block(walk, frame, node.orelse, head)
    flow.add(rest)
    flow.next = join(rest.next, broke)
    return flow


def _try(walk: Walk, frame: Frame, node: ast.Try, world: World) -> Flow:
    body = block(walk, frame, node.body, world)
    flow = Flow(None, body.returned, body.broke, body.continued)
    if body.next is not None:
        rest = block(walk, frame, node.orelse, body.next)
        flow.add(rest)
        flow.next = rest.next
    waiting = world if body.raised is None else body.raised
    everything = False
    for handler in node.handlers:
        assert waiting is not None
        names = caught(frame.module, handler.type)
        fails = bool(names & (_DATABASE_ERRORS | _ALL))
        entering = handled(waiting, frame.place(handler), world) if fails else without_failures(waiting)
        part = block(walk, frame, handler.body, entering)
        flow.add(part)
        flow.next = join(flow.next, part.next)
        waiting = without_failures(waiting) if fails else waiting
        everything = everything or bool(names & _ALL)
    if not everything:
        flow.raised = join(flow.raised, waiting)
    return _finally(walk, frame, node.finalbody, flow) if node.finalbody else flow


def _finally(walk: Walk, frame: Frame, body: list[ast.stmt], flow: Flow) -> Flow:
    after = Flow()
    for name in ("next", "returned", "broke", "continued", "raised"):
        world = getattr(flow, name)
        if world is None:
            continue
        failing, walk.failing = walk.failing, walk.failing or name == "raised"
        part = block(walk, frame, body, world)
        walk.failing = failing
        after.add(part)
        setattr(after, name, join(getattr(after, name), part.next))
    return after


def caught(module: Module, kind: ast.expr | None) -> set[str]:
    """Name the built-in and SQLAlchemy exceptions that a handler catches."""
    if kind is None:
        return {"BaseException"}
    names: set[str] = set()
    for part in parts(kind):
        found = module.type_of(part)
        if isinstance(found, External) and found.path.startswith(("sqlalchemy.", "sqlmodel.")):
            names.add(found.path.rpartition(".")[2])
        elif isinstance(part, ast.Name) and part.id in _ALL and module.scope_of(part).lookup(part.id) is None:
            names.add(part.id)
    return names


def handled(raised: World, place: Place, before: World) -> World:
    """Say of transactions that failed in a ``try`` that a handler has caught the failure."""
    return {key: _since(state, place, before.get(key, START)) for key, state in raised.items()}


def _since(state: State, place: Place, before: State) -> State:
    failed = {path for path in state.paths if path.phase is Phase.FAILED} - before.paths
    caught = frozenset(path._replace(since=place) for path in failed)
    return state._replace(paths=state.paths - failed | caught)


def without_failures(world: World) -> World:
    """Leave out the ways on which a flush failed."""
    found: World = {}
    for key, state in world.items():
        paths = frozenset(path for path in state.paths if path.phase is not Phase.FAILED)
        found[key] = state._replace(paths=paths or frozenset({Path()}))
    return found
