"""Values that come from outside the function: names of the module, parameters, sessions and what is known of them."""

from __future__ import annotations

import ast
from dataclasses import replace

from flake8_async_sqla.semantics.flow.state.frame import Frame, Run
from flake8_async_sqla.semantics.flow.state.heap import ObjectState, State, Unseen
from flake8_async_sqla.semantics.flow.state.session import Presence, SessionState
from flake8_async_sqla.semantics.flow.state.values import (
    NOTHING,
    OPAQUE,
    PLAIN,
    Known,
    Many,
    Object,
    Routine,
    Service,
    Session,
    Value,
)
from flake8_async_sqla.semantics.flow.unit_of_work.options import options
from flake8_async_sqla.semantics.inference.calls import ASYNC_SCOPED_SESSION, ASYNC_SESSION
from flake8_async_sqla.semantics.inference.classes import class_attribute, is_a, lineage, scope_of_class
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.objects.identities import paired
from flake8_async_sqla.semantics.objects.origins import origin_of
from flake8_async_sqla.semantics.types import (
    UNKNOWN,
    Container,
    Coroutine,
    External,
    Function,
    Instance,
    NoneValue,
    Origin,
    ProjectClass,
    ProjectInstance,
    ProjectModule,
    Type,
)

_BUILTINS = ("str", "int", "float", "bool", "bytes", "complex", "NoneType", "ellipsis")
_VALUES = {"datetime.date", "datetime.datetime", "decimal.Decimal", "uuid.UUID"}
_PLAIN = frozenset(f"builtins.{name}" for name in _BUILTINS) | _VALUES


def is_session(kind: Type) -> bool:
    """Tell whether a type is an async session, or a registry that stands for one."""
    return is_a(kind, ASYNC_SESSION, ASYNC_SCOPED_SESSION)


def session_value(
    run: Run, state: State, kind: Type, key: object, *, own: bool = False, factory: Type = UNKNOWN
) -> Session:  # fmt: skip
    """Return the session behind a key; a new one is entered with what its type says of its origin, or its factory's."""
    number = run.number_of(("session", key))
    if own or number not in state.sessions:
        present = () if own else tuple(Presence(cls, True) for cls in run.strangers)
        origin = origin_of(kind)
        expires, autoflush = options(kind, factory)
        state.sessions[number] = SessionState(origin, expires, autoflush, own=own, present=present)
    return Session(number)


def value_of_type(run: Run, state: State, kind: Type, key: object) -> Value:
    """Return the value of an expression of which only the type is known."""
    if is_session(kind):
        return session_value(run, state, kind, key)
    if isinstance(kind, NoneValue):
        return NOTHING
    if isinstance(kind, Function):
        receiver = value_of_type(run, state, kind.receiver, (key, "self")) if kind.receiver is not None else None
        return Routine(kind.module, kind.node, receiver)
    if isinstance(kind, ProjectInstance):
        return instance(run, state, kind.cls, key, kind.origin)
    if isinstance(kind, Container) and isinstance(kind.item, ProjectInstance):
        item = instance(run, state, kind.item.cls, (key, "item"))
        return Many(item) if isinstance(item, Object) else OPAQUE
    if isinstance(kind, Instance) and kind.cls in _PLAIN:
        return PLAIN
    if kind is UNKNOWN or isinstance(kind, Coroutine):
        return OPAQUE
    if isinstance(kind, (External, ProjectClass, ProjectModule, Instance)):
        return Known(kind)
    return Known(kind)


def instance(run: Run, state: State, cls: ProjectClass, key: object, origin: Origin | None = None) -> Value:
    """Return an instance of a project class of which nothing more is known than where it was made."""
    number = run.number_of(("instance", key))
    mapped = mapped_class(cls)
    if mapped is not None:
        if number not in state.objects:
            state.objects[number] = ObjectState(mapped, Unseen(), life="unknown", family=number)
        return Object(number, True)
    if is_a(ProjectInstance(cls), "pydantic.BaseModel", "enum.Enum"):
        return PLAIN
    if number not in state.services:
        state.services[number] = _classes_given(cls, origin) if origin is not None else {}
    return Service(number, cls)


def _classes_given(cls: ProjectClass, origin: Origin) -> dict[str, Value]:
    """Say which mapped classes an object keeps: ``Repository(Item)`` whose ``__init__`` has ``self.model = model``."""
    start = class_attribute(cls, "__init__")
    if not isinstance(start, Function):
        return {}
    start = replace(start, receiver=ProjectInstance(cls))
    given = paired(start, origin.call.args, origin.call.keywords)
    pairs = [(found.arg, origin.module.type_of(value)) for found, value in given]
    classes = {name: kind for name, kind in pairs if isinstance(kind, ProjectClass) and mapped_class(kind) is not None}
    if not classes:
        return {}
    found: dict[str, Value] = {}
    for item in lineage(cls):
        for name, bindings in scope_of_class(item).attributes.items() if isinstance(item, ProjectClass) else ():
            value = bindings[0].value
            own = len(bindings) == 1 and start.module.function(bindings[0].node) is start.node
            if own and isinstance(value, ast.Name) and value.id in classes:
                found[name] = Known(classes[value.id])
    return found


def parameter(frame: Frame, state: State, argument: ast.arg, name: ast.Name | None) -> Value:
    """Return what a parameter of the function under analysis holds."""
    value = value_of_type(frame.run, state, _type(frame, argument), (frame.key, argument.arg))
    note = argument.annotation
    plain = isinstance(note, ast.Name) and note.id in _BUILTINS and frame.module.scope_of(note).lookup(note.id) is None
    return PLAIN if value == OPAQUE and plain else value


def _type(frame: Frame, argument: ast.arg) -> Type:
    from flake8_async_sqla.semantics.inference.bindings import binding_type

    scope = frame.module.index.scopes[frame.node]
    bindings = scope.names.get(argument.arg, ())
    found = next((binding for binding in bindings if binding.node is argument), None)
    return binding_type(frame.module, scope, found) if found is not None else UNKNOWN
