"""Calls: who is called, and with what."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

from flake8_async_sqla.semantics.flow.calling.invoking import invoke
from flake8_async_sqla.semantics.flow.expressions.origins import is_session, session_value
from flake8_async_sqla.semantics.flow.reads.reading import read
from flake8_async_sqla.semantics.flow.relevance import runs_coroutine
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.objects import forget
from flake8_async_sqla.semantics.flow.state.values import (
    NOTHING,
    OPAQUE,
    PLAIN,
    Block,
    Bound,
    Clause,
    Deferred,
    Dynamic,
    Items,
    Known,
    Many,
    Object,
    Opaque,
    Plain,
    Routine,
    Rows,
    Service,
    Session,
    Statement,
    Value,
)
from flake8_async_sqla.semantics.inference.calls import FACTORIES
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.names.binders import parameters
from flake8_async_sqla.semantics.types import UNKNOWN, External, Manager, Member, ProjectClass, Type

_GATHER = Known(External("asyncio.gather"))
_WAITS = tuple(Known(External(path)) for path in ("asyncio.shield", "asyncio.wait_for"))
CHANGES = frozenset({"append", "extend", "remove", "insert", "add", "discard", "clear", "pop", "update"})


@dataclass(slots=True)
class Arguments:
    """The values given to a call.

    Attributes:
        node: The call.
        values: Positional values.
        keywords: Keyword values.
        spread: Values given with stars.
        awaited: Whether the call is awaited at once.
    """

    node: ast.Call
    values: list[Value] = field(default_factory=list)
    keywords: dict[str, Value] = field(default_factory=dict)
    spread: list[Value] = field(default_factory=list)
    awaited: bool = False

    def given(self, name: str, position: int) -> Value | None:
        """Return what is given for a parameter."""
        if name in self.keywords:
            return self.keywords[name]
        return self.values[position] if position < len(self.values) and not self.spread else None

    def node_of(self, name: str, position: int) -> ast.expr | None:
        """Return the expression given for a parameter."""
        from flake8_async_sqla.semantics.inference.calls import argument

        return argument(self.node, name, position)

    def all(self) -> list[Value]:
        """List all values."""
        return [*self.values, *self.keywords.values(), *self.spread]


def call(frame: Frame, state: State, node: ast.Call, *, awaited: bool) -> Value:
    """Evaluate a call."""
    from flake8_async_sqla.semantics.flow.queries.loaders import loader
    from flake8_async_sqla.semantics.flow.queries.querying import statement
    from flake8_async_sqla.semantics.flow.reads.handing import hand_over, only_validates

    frame.run.step()
    if (made := statement(frame, state, node)) is not None:
        return made
    if (option := loader(frame, node)) is not None:
        return option
    callee = _callee(frame, state, node.func)
    if awaited and callee == _GATHER and not node.keywords:
        found = [_gathered(frame, state, item) for item in node.args]
        return found[0] if len(found) == 1 and isinstance(node.args[0], ast.Starred) else Items(tuple(found))
    if node.args and (callee in _WAITS if awaited else runs_coroutine(frame.module, node)):
        return _gathered(frame, state, node.args[0])
    arguments = _arguments(frame, state, node, awaited)
    hand_over(frame, state, arguments)
    if state.alive and only_validates(frame, node):
        return PLAIN
    return apply(frame, state, node, callee, arguments) if state.alive else OPAQUE


def _gathered(frame: Frame, state: State, node: ast.expr) -> Value:
    """Evaluate a coroutine that is given to what awaits it: ``asyncio.gather()``, ``asyncio.run()``."""
    from flake8_async_sqla.semantics.flow.expressions.expressions import value_of
    from flake8_async_sqla.semantics.flow.statements import comprehensions

    if isinstance(node, ast.Call):
        return call(frame, state, node, awaited=True)
    each = node.value if isinstance(node, ast.Starred) else None
    if isinstance(each, (ast.ListComp, ast.GeneratorExp)) and isinstance(each.elt, ast.Call):
        return comprehensions.evaluated(frame, state, each, awaits=True)
    forget(state, [value_of(frame, state, node)])
    return OPAQUE


def _callee(frame: Frame, state: State, func: ast.expr) -> Value:
    from flake8_async_sqla.semantics.flow.expressions.expressions import value_of
    from flake8_async_sqla.semantics.flow.expressions.members import member
    from flake8_async_sqla.semantics.flow.unit_of_work.linking import note_link

    if isinstance(func, ast.Attribute) and func.attr in CHANGES and isinstance(func.value, ast.Attribute):
        owner = value_of(frame, state, func.value.value)
        if isinstance(owner, Object) and _is_collection(state, owner, func.value.attr):
            held = read(frame, state, func.value, owner.id, func.value.attr, changes=True)
            if not isinstance(held, Dynamic):
                return Bound(held, f"{func.attr}:{owner.id}:{func.value.attr}")
            holder = state.objects[owner.id]
            note_link(state, holder, holder.mapped.attributes[func.value.attr])
            return OPAQUE
        return member(frame, state, func, member(frame, state, func.value, owner, func.value.attr), func.attr)
    return value_of(frame, state, func)


def evaluated(frame: Frame, state: State, node: ast.Call) -> tuple[Value, list[Value], dict[str, Value]]:
    """Evaluate what is called and what it is given, and call nothing."""
    callee = _callee(frame, state, node.func)
    arguments = _arguments(frame, state, node, False)
    return callee, arguments.values, arguments.keywords


def _is_collection(state: State, owner: Object, name: str) -> bool:
    attribute = state.objects[owner.id].mapped.attributes.get(name)
    return attribute is not None and attribute.kind == "relationship" and attribute.uselist is not False


def _arguments(frame: Frame, state: State, node: ast.Call, awaited: bool) -> Arguments:
    from flake8_async_sqla.semantics.flow.expressions.expressions import value_of

    found = Arguments(node, awaited=awaited)
    for item in node.args:
        value = value_of(frame, state, item)
        if isinstance(item, ast.Starred):
            if isinstance(value, Items) and not value.keyed:
                found.values.extend(value.items)
            else:
                found.spread.append(value)
        else:
            found.values.append(value)
    for keyword in node.keywords:
        value = value_of(frame, state, keyword.value)
        if keyword.arg is None:
            found.spread.append(value)
        else:
            found.keywords[keyword.arg] = value
    return found


def apply(frame: Frame, state: State, node: ast.expr, callee: Value, arguments: Arguments) -> Value:
    """Call a value."""
    from flake8_async_sqla.semantics.flow.calling.deferring import defer
    from flake8_async_sqla.semantics.flow.expressions import builtin, constructing, containers, formatting
    from flake8_async_sqla.semantics.flow.queries import querying, repositories, results
    from flake8_async_sqla.semantics.flow.unit_of_work import session_calls

    if isinstance(callee, Routine):
        return _routine(frame, state, node, callee, arguments)
    if isinstance(callee, Deferred) and not isinstance(callee.node, ast.GeneratorExp):  # a ``partial()``
        keywords = {**dict(callee.keywords), **arguments.keywords}
        given = replace(arguments, values=[*callee.values, *arguments.values], keywords=keywords)
        return _routine(frame, state, node, callee.routine, given)
    if isinstance(callee, Bound):
        receiver = callee.receiver
        if isinstance(receiver, Session):
            return session_calls.method(frame, state, receiver.id, callee.name, arguments)
        if isinstance(receiver, Rows):
            return results.method(frame, state, receiver, callee.name, arguments)
        if isinstance(receiver, (Many, Items)):
            return containers.method(frame, state, receiver, callee.name, arguments)
        if isinstance(receiver, Block):
            return session_calls.ended(frame, state, receiver, callee.name, arguments)
        if isinstance(receiver, Dynamic):
            return containers.dynamic(frame, state, receiver, callee.name, arguments)
        if isinstance(receiver, Service):
            return repositories.method(frame, state, receiver, callee.name, arguments)
        if isinstance(receiver, Statement):
            return querying.extended(receiver, callee.name, arguments)
    if isinstance(callee, Session):
        return callee
    if isinstance(callee, (Known, Opaque)) and defer(frame, state, arguments):
        return NOTHING
    if isinstance(callee, Known):
        kind = callee.type
        if (made := _session(frame, state, arguments, kind)) is not None:
            return made
        if isinstance(kind, ProjectClass):
            return constructing.construct(frame, state, kind, arguments)
        if isinstance(kind, External) and is_a(found := frame.module.type_of(arguments.node), *FACTORIES):
            return Known(found)
        if isinstance(kind, External):
            return builtin.call(frame, state, kind.path, arguments)
    if isinstance(callee, (Plain, Clause)) and not arguments.awaited:
        formatting.formatted(frame, state, arguments)
        return callee
    if isinstance(callee, (Known, Opaque)) and formatting.logged(frame, state, arguments):
        return OPAQUE
    makes = isinstance(callee, Opaque) and _of_factory(frame, arguments.node.func)
    if makes and (made := _session(frame, state, arguments)) is not None:
        return made
    forget(state, [callee, *arguments.all()])
    return OPAQUE


def _of_factory(frame: Frame, func: ast.expr) -> bool:
    """Tell whether a factory of sessions is called, or its ``begin()``: one that the function has made itself."""
    maker = func.value if isinstance(func, ast.Attribute) and func.attr == "begin" else func
    return isinstance(maker, (ast.Name, ast.Attribute)) and is_a(frame.module.type_of(maker), *FACTORIES)


def _session(frame: Frame, state: State, arguments: Arguments, factory: Type = UNKNOWN) -> Value | None:
    """A factory, or the class itself, makes a session; ``factory.begin()`` makes one with a transaction."""
    kind = frame.module.type_of(arguments.node)
    begins = isinstance(kind, Manager) and isinstance(arguments.node.func, ast.Attribute)
    made = kind.result if isinstance(kind, Manager) and begins else kind
    if not is_session(made):
        return None
    factory = factory.receiver if isinstance(factory, Member) else factory
    session = session_value(
        frame.run, state, made, (*frame.key, arguments.node, frame.turns), own=True, factory=factory
    )
    return Block(session.id, "factory") if begins else session


def _routine(frame: Frame, state: State, node: ast.expr, routine: Routine, arguments: Arguments) -> Value:
    from flake8_async_sqla.semantics.flow.calling.generators import is_lazy

    is_async = isinstance(routine.node, ast.AsyncFunctionDef)
    if not (is_async or arguments.awaited or arguments.spread) and is_lazy(routine):
        given = [*([routine.receiver] if routine.receiver is not None else []), *arguments.values]
        return Deferred(arguments.node, replace(routine, receiver=None), tuple(given), (*arguments.keywords.items(),))
    filled = _filled(frame, routine, arguments) if arguments.spread else {}
    if filled is None or is_async != arguments.awaited:
        given = [*arguments.all(), *([routine.receiver] if routine.receiver is not None else [])]
        forget(state, given)
        return OPAQUE
    return invoke(frame, state, node, routine, arguments.values, {**filled, **arguments.keywords})


def _filled(frame: Frame, routine: Routine, arguments: Arguments) -> dict[str, Value] | None:
    """Return what stars give, where that is values alone: ``**body.model_dump()``; None if it is anything else."""
    from flake8_async_sqla.semantics.flow.expressions.constructing import brings_values_only

    if not brings_values_only(frame.module, arguments.node):
        return None
    first = len(arguments.values) + (routine.receiver is not None)
    return {
        parameter.arg: Plain(optional=default is not None)
        for parameter, default in parameters(routine.node.args)[first:]
    }
