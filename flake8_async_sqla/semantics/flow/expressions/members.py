"""Attributes of values: of objects, sessions, rows and services."""

from __future__ import annotations

import ast
from dataclasses import replace

from flake8_async_sqla.facts.frameworks import REQUEST_GLOBALS
from flake8_async_sqla.semantics.flow.expressions.origins import value_of_type
from flake8_async_sqla.semantics.flow.failure import Failure, Place
from flake8_async_sqla.semantics.flow.queries.loaders import of_attribute
from flake8_async_sqla.semantics.flow.reads.reading import read
from flake8_async_sqla.semantics.flow.reads.showing import others_shown
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import ObjectState, State
from flake8_async_sqla.semantics.flow.state.objects import forget, taken
from flake8_async_sqla.semantics.flow.state.values import (
    CLAUSE,
    OPAQUE,
    PLAIN,
    Block,
    Bound,
    Clause,
    Dynamic,
    Items,
    Known,
    Many,
    Nothing,
    Object,
    Plain,
    Routine,
    Rows,
    Service,
    Session,
    Statement,
    Value,
)
from flake8_async_sqla.semantics.inference.classes import class_attribute, lineage, scope_of_class
from flake8_async_sqla.semantics.inference.infer import attribute_type
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.names.binders import first_parameter
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.types import External, Function, FunctionNode, ProjectClass, ProjectInstance, Super

_PROPERTIES = frozenset(
    {
        "property", "cached_property", "functools.cached_property", "pydantic.computed_field", "hybrid_property",
        "sqlalchemy.ext.hybrid.hybrid_property", "builtins.property",
    }
)  # fmt: skip
_INERT = frozenset({"metadata", "registry", "__tablename__", "__class__", "__mapper__", "__table__", "__name__"})
_METHODS = (Session, Rows, Many, Statement, Dynamic, Block, Bound)


def member(frame: Frame, state: State, node: ast.expr, receiver: Value, name: str) -> Value:
    """Evaluate ``receiver.name``."""
    if isinstance(receiver, Object):
        return _of_object(frame, state, node, receiver, name)
    if isinstance(receiver, Nothing):
        state.alive = False
        return OPAQUE
    if isinstance(receiver, Items):
        return receiver.items[receiver.names.index(name)] if _named(receiver, name) else Bound(receiver, name)
    if isinstance(receiver, _METHODS):
        return Bound(receiver, name)
    if isinstance(receiver, Service):
        return _of_service(frame, state, node, receiver, name)
    if isinstance(receiver, Known):
        if isinstance(receiver.type, External) and receiver.type.path in REQUEST_GLOBALS:
            return OPAQUE
        if isinstance(receiver.type, ProjectClass) and (mapped := mapped_class(receiver.type)) is not None:
            found = mapped.attributes.get(name)
            if found is not None and found.kind != "plain":
                return CLAUSE
        kind = attribute_type(frame.module, receiver.type, name)
        value = value_of_type(frame.run, state, kind, ("member", receiver.type, name))
        return _of_super(frame, state, value) if isinstance(receiver.type, Super) else value
    return receiver if isinstance(receiver, (Plain, Clause)) else OPAQUE


def _of_super(frame: Frame, state: State, value: Value) -> Value:
    """Bind a method that ``super()`` finds to what the method around it is bound to."""
    own = first_parameter(frame.node.args)
    if isinstance(value, Routine) and value.receiver is not None and own is not None:
        return replace(value, receiver=state.names.get(own.arg, OPAQUE))
    return value


def _named(row: Items, name: str) -> bool:
    return not row.keyed and name in row.names


def _of_object(frame: Frame, state: State, node: ast.expr, receiver: Object, name: str) -> Value:
    held = state.objects[receiver.id]
    attribute = held.mapped.attributes.get(name)
    if name == "awaitable_attrs":
        _awaitable(frame, state, node, held)
        return Bound(receiver, name)
    if name == "__dict__":
        forget(state, [receiver])
        return OPAQUE
    if name in _INERT:
        return PLAIN
    if attribute is not None and attribute.kind not in ("plain", "hybrid"):
        return read(frame, state, node, receiver.id, name)
    return _defined(frame, state, node, receiver, held.mapped.cls, name)


def _awaitable(frame: Frame, state: State, node: ast.expr, held: ObjectState) -> None:
    """Take account of ``awaitable_attrs``, which classes have from ``AsyncAttrs`` only."""
    missing = held.mapped.async_attrs is False and "awaitable_attrs" not in held.mapped.attributes
    at = frame.calls[0].node if frame.calls else node
    assert isinstance(at, ast.expr)
    chain = (*frame.calls[1:], Place(frame.module, node, "")) if frame.calls else ()
    failure = Failure(
        kind="awaitable", at=at, cls=held.mapped.cls, attribute="awaitable_attrs", path=(), cause=None, chain=chain
    )
    frame.read(state, node, "awaitable_attrs", failure if missing else None)


def _of_service(frame: Frame, state: State, node: ast.expr, receiver: Service, name: str) -> Value:
    from flake8_async_sqla.semantics.flow.queries.repositories import reads

    held = state.services.get(receiver.id, {})
    if name in held:
        return held[name]
    if function(receiver.cls, name) is not None:
        return _defined(frame, state, node, receiver, receiver.cls, name)
    if "session" in held and reads(receiver.cls, name):
        return Bound(receiver, name)
    options = of_attribute(receiver.cls, name)
    if options != OPAQUE and (receiver.exact or options != Items(())):
        return options
    kind = class_attribute(receiver.cls, name, ProjectInstance(receiver.cls))
    return value_of_type(frame.run, state, kind, (receiver.id, name))


def _defined(frame: Frame, state: State, node: ast.expr, receiver: Value, cls: ProjectClass, name: str) -> Value:
    """Evaluate a method, or the value of a property."""
    from flake8_async_sqla.semantics.flow.calling.invoking import invoke

    found = function(cls, name)
    if found is None:
        return OPAQUE
    routine = Routine(found.module, found.node, None if _decorated(found, "staticmethod") else receiver)
    if _decorated(found, "classmethod"):
        routine = Routine(found.module, found.node, Known(cls))
    if is_property(found):
        return invoke(frame, state, node, routine, [], {})
    return routine


def function(cls: ProjectClass, name: str) -> Function | None:
    """Find the function that a class defines or inherits under a name."""
    for item in lineage(cls):
        if not isinstance(item, ProjectClass):
            continue
        bindings = scope_of_class(item).names.get(name, ())
        if not bindings:
            continue
        node = bindings[0].node
        if bindings[0].kind == "function" and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return Function(item.module, node)
        return None
    return None


def _decorated(function: Function, name: str) -> bool:
    return any(isinstance(item, ast.Name) and item.id == name for item in function.node.decorator_list)


def is_property(function: Function) -> bool:
    """Tell whether reading the attribute calls the function."""
    for decorator in function.node.decorator_list:
        if isinstance(decorator, ast.Name) and decorator.id in _PROPERTIES:
            return True
        kind = function.module.type_of(uncalled(decorator))
        if isinstance(kind, External) and kind.path in _PROPERTIES:
            return True
    return False


def special(
    frame: Frame, state: State, node: ast.expr, value: Value, *names: str, given: tuple[Value, ...] = ()
) -> Value:  # fmt: skip
    """Call the first of some special methods that an object's class defines: ``__len__`` for ``len()``."""
    from flake8_async_sqla.semantics.flow.calling.invoking import invoke

    methods = (
        (function(state.objects[value.id].mapped.cls, name) for name in names) if isinstance(value, Object) else ()
    )
    found = next((method for method in methods if method is not None), None)
    if found is None:
        return OPAQUE
    return invoke(frame, state, node, Routine(found.module, found.node, value), [*given], {})


def shown(
    frame: Frame, state: State, node: ast.expr, value: Value, *, as_repr: bool = False, inside: tuple[str, ...] = ()
) -> None:
    """Turn a value into text: what its class says about that runs, but not for an object inside of itself."""
    from flake8_async_sqla.semantics.flow.calling.invoking import invoke

    if isinstance(value, (Many, Items)):
        for item in [value.item] if isinstance(value, Many) else value.items:
            shown(frame, state, node, taken(frame.run, state, item), as_repr=True, inside=inside)
    if isinstance(value, Object):
        cls = state.objects[value.id].mapped.cls
        names = ["__repr__"] if as_repr else ["__format__", "__str__", "__repr__"]
        if state.objects[value.id].mapped.sqlmodel and not as_repr:
            names.remove("__repr__")  # pydantic has a __str__ of its own
        for name in names:
            found = function(cls, name)
            if found is not None:
                invoke(frame, state, node, Routine(found.module, found.node, value), [], {})
                return
        held = state.objects[value.id]
        if held.mapped.dataclass and cls.node.name not in inside:
            _fields_shown(frame, state, node, value, (*inside, cls.node.name))
        elif held.mapped.dataclass:
            others_shown(state, held.session, held.mapped)


def fields_read(
    frame: Frame, state: State, node: ast.expr, value: Value, inside: tuple[str, ...] = ()
) -> None:  # fmt: skip
    """Read every field of a mapped dataclass, and of those behind it, as ``asdict()`` does."""
    if isinstance(value, Many):
        value = taken(frame.run, state, value.item)
    if not isinstance(value, Object) or not (mapped := state.objects[value.id].mapped).dataclass:
        return
    for name, attribute in mapped.attributes.items() if mapped.cls.node.name not in inside else ():
        if attribute.kind in ("column", "relationship") and isinstance(attribute.node, ast.AnnAssign) and state.alive:
            held = read(frame, state, node, value.id, name)
            fields_read(frame, state, node, held, (*inside, mapped.cls.node.name))


def _fields_shown(frame: Frame, state: State, node: ast.expr, value: Object, inside: tuple[str, ...]) -> None:
    """The ``__repr__`` of a dataclass reads every field."""
    mapped = state.objects[value.id].mapped
    if any(keyword.arg == "repr" for keyword in mapped.cls.node.keywords):
        return
    apart = replace(frame, turns=(*frame.turns, frame.run.number_of((node, inside))))  # it has an account of its own
    for name, attribute in mapped.attributes.items():
        call = attribute.node.value if isinstance(attribute.node, ast.AnnAssign) else None
        hidden = isinstance(call, ast.Call) and any(keyword.arg in (None, "repr") for keyword in call.keywords)
        if attribute.kind in ("column", "relationship") and not hidden and isinstance(attribute.node, ast.AnnAssign):
            held = read(apart, state, node, value.id, name)
            shown(frame, state, node, held, as_repr=True, inside=inside)


def defines(node: FunctionNode) -> bool:
    """Tell whether a function does something of its own: abstract methods do not."""
    last = node.body[-1]
    if isinstance(last, ast.Raise) and len(node.body) <= 2:
        return False
    return not (
        isinstance(last, (ast.Pass, ast.Expr)) and isinstance(getattr(last, "value", ast.Constant(...)), ast.Constant)
    )
