"""Functions of Python's own that look at what they are given, and others that leave it alone."""

from __future__ import annotations

import ast
import itertools
import sys

from flake8_async_sqla.semantics.flow.calling.calls import Arguments
from flake8_async_sqla.semantics.flow.calling.generators import used_up
from flake8_async_sqla.semantics.flow.expressions.comparing import ordered
from flake8_async_sqla.semantics.flow.expressions.formatting import logged
from flake8_async_sqla.semantics.flow.expressions.members import fields_read, member, shown, special
from flake8_async_sqla.semantics.flow.queries.results import repeated
from flake8_async_sqla.semantics.flow.state.changing import change
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import Loaded, State
from flake8_async_sqla.semantics.flow.state.objects import forget, taken
from flake8_async_sqla.semantics.flow.state.values import (
    CLAUSE,
    OPAQUE,
    PLAIN,
    Deferred,
    Dynamic,
    Getter,
    Items,
    Known,
    Many,
    Object,
    Routine,
    Rows,
    Value,
)
from flake8_async_sqla.semantics.flow.statements.iteration import alike, iterated
from flake8_async_sqla.semantics.mapping.constants import named, of_class, text
from flake8_async_sqla.semantics.mapping.model import MappedClass
from flake8_async_sqla.semantics.module import Module

_COPIES = frozenset({"list", "tuple", "set", "frozenset", "iter", "reversed", "sorted", "filter"})
_SPECIAL = {"bool": ("__bool__", "__len__"), "len": ("__len__",)}
_CONSUMES = frozenset({"sum", "any", "all", "len", "bool", "min", "max"})
CLAUSES = ("sqlalchemy.func.", "sqlalchemy.sql.func.", "sqlalchemy.text", "sqlalchemy.case", "sqlmodel.func.")
_USING_UP = frozenset({"all", "any", "dict", "frozenset", "list", "max", "min", "set", "sorted", "sum", "tuple"})
_INERT = frozenset(sys.stdlib_module_names) - {"copy", "functools", "asyncio"}
_INSPECTS = ("sqlalchemy.inspect", "sqlalchemy.inspection.inspect")
_KEEPING = ("operator.", "itertools.")
_OF_MAPPER = {"relationships": ("relationship",), "column_attrs": ("column", "column_property"), "columns": ("column",)}
_CHOOSING = (ast.If, ast.IfExp, ast.BoolOp, ast.Match, ast.Try, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def call(frame: Frame, state: State, path: str, arguments: Arguments) -> Value:
    """Call a function from outside the project."""
    module, _, name = path.rpartition(".")
    if module == "builtins":
        return builtin(frame, state, name, arguments)
    if path.endswith("attributes.set_committed_value") or path == "sqlalchemy.orm.set_committed_value":
        return _committed(state, arguments)
    if path.startswith(CLAUSES):
        return CLAUSE
    if path in _INSPECTS and getattr(frame.module.parent(arguments.node), "attr", "") == "mapper":
        return OPAQUE
    if path == "functools.partial" and arguments.values and not arguments.spread:
        function, *given = arguments.values
        if isinstance(function, Routine):
            return Deferred(arguments.node, function, tuple(given), tuple(arguments.keywords.items()))
    if path.partition(".")[0] in _INERT and not arguments.awaited:
        return _of_library(frame, state, path, arguments)
    forget(state, arguments.all())
    return OPAQUE


def _of_library(frame: Frame, state: State, path: str, arguments: Arguments) -> Value:
    """Call a function of the standard library that does nothing to an object but read it."""
    values = arguments.values
    if path.startswith("logging."):
        logged(frame, state, arguments)
    elif path in ("dataclasses.asdict", "dataclasses.astuple") and values and isinstance(values[0], Object):
        fields_read(frame, state, arguments.node, values[0])
    elif path == "operator.attrgetter":
        names = [text.value for text in arguments.node.args if isinstance(text, ast.Constant)]
        return Getter(tuple(name for name in names if isinstance(name, str)))
    elif path == "itertools.groupby" and (item := alike(values[0]) if values else None) is not None:
        key = values[1] if len(values) > 1 else arguments.keywords.get("key")
        _apply(frame, state, key, taken(frame.run, state, item), arguments)
        return Many(Items((PLAIN, Many(item))))
    elif path.startswith(_KEEPING):
        forget(state, arguments.all())
    return OPAQUE


def builtin(frame: Frame, state: State, name: str, arguments: Arguments) -> Value:
    """Call a built-in function."""
    values = arguments.values
    if name in _USING_UP:
        values = [used_up(frame, state, arguments.node, value) for value in values]
    first = values[0] if values else OPAQUE
    if name in ("list", "tuple", "set") and not values:
        return Items(())
    if name == "dict" and not values:
        return Items(tuple(arguments.keywords.values()), tuple(arguments.keywords), keyed=True)
    if name in ("print", "str", "repr", "format"):
        return _printed(frame, state, arguments, as_repr=name == "repr")
    if name in ("min", "max") and len(values) > 1:
        return PLAIN
    if isinstance(first, Object) and name in _SPECIAL:
        special(frame, state, arguments.node, first, *_SPECIAL[name])
        return PLAIN
    if name in _COPIES or name in _CONSUMES:
        subject = values[1] if name == "filter" and len(values) > 1 else first
        return _walked(frame, state, name, subject, arguments)
    if name == "map" and len(values) == 2:
        return _mapped(frame, state, values[0], values[1], arguments)
    if name == "enumerate":
        return _pairs(frame, state, [Many(PLAIN), first], arguments)
    if name == "zip":
        return _pairs(frame, state, values, arguments)
    if name == "next":
        return iterated(frame, state, arguments.node, first)
    if name in ("getattr", "hasattr"):
        return _getattr(frame, state, name, arguments)
    if name == "setattr":
        return _setattr(frame, state, arguments)
    if name == "vars":
        forget(state, values)
        return OPAQUE
    if name == "super":
        return Known(frame.module.type_of(arguments.node))
    if name in ("id", "type", "isinstance", "callable", "hash", "int", "float", "abs", "round", "range", "issubclass"):
        return PLAIN
    forget(state, arguments.all())
    return OPAQUE


def _walked(frame: Frame, state: State, name: str, subject: Value, arguments: Arguments) -> Value:
    if isinstance(subject, Dynamic) and name != "bool":
        iterated(frame, state, arguments.node, subject)
        return OPAQUE
    if isinstance(subject, Rows) and name not in ("bool", "len"):
        repeated(frame, state, arguments.node, subject)
    item = alike(subject)
    if name in ("sorted", "min", "max"):
        apply_key(frame, state, item, arguments)
    if name == "filter" and isinstance(arguments.values[0], (Routine, Deferred)) and item is not None:
        _apply(frame, state, arguments.values[0], taken(frame.run, state, item), arguments)
    if name in ("sum", "any", "all", "len", "bool"):
        return PLAIN
    if name in ("min", "max"):
        return taken(frame.run, state, item) if item is not None else OPAQUE
    return (
        Many(item) if item is not None and not (isinstance(subject, Items) and name in ("list", "tuple")) else subject
    )


def apply_key(frame: Frame, state: State, item: Value | None, arguments: Arguments) -> None:
    """Run the function given as ``key=`` on an item; without one, items are compared."""
    if item is None:
        return
    if "key" in arguments.keywords:
        _apply(frame, state, arguments.keywords["key"], taken(frame.run, state, item), arguments)
    else:
        ordered(frame, state, arguments.node, taken(frame.run, state, item))


def _apply(frame: Frame, state: State, routine: Value | None, item: Value, arguments: Arguments) -> Value:
    from flake8_async_sqla.semantics.flow.calling.invoking import invoke

    for path in routine.paths if isinstance(routine, Getter) else ():
        value = item
        for name in path.split("."):
            value = member(frame, state, arguments.node, value, name)
    given, keywords = (routine.values, dict(routine.keywords)) if isinstance(routine, Deferred) else ((), {})
    routine = routine.routine if isinstance(routine, Deferred) else routine
    if not isinstance(routine, Routine) or isinstance(routine.node, ast.AsyncFunctionDef):
        forget(state, [*given, *keywords.values()])
        return OPAQUE
    return invoke(frame, state, arguments.node, routine, [*given, item], keywords)


def _mapped(frame: Frame, state: State, function: Value, values: Value, arguments: Arguments) -> Value:
    item = alike(values)
    if isinstance(function, (Routine, Getter, Deferred)) and item is not None:
        return Many(_apply(frame, state, function, taken(frame.run, state, item), arguments))
    forget(state, [function])
    return Many(OPAQUE)


def _pairs(frame: Frame, state: State, values: list[Value], arguments: Arguments) -> Value:
    items: list[Value] = []
    for value in values:
        if isinstance(value, Dynamic):
            iterated(frame, state, arguments.node, value)
        items.append(alike(value) or OPAQUE)
    return Many(Items(tuple(items)))


def _getattr(frame: Frame, state: State, function: str, arguments: Arguments) -> Value:
    holder = arguments.values[0] if arguments.values else OPAQUE
    names = _names(frame, state, holder, arguments.node_of("", 1)) if isinstance(holder, Object) else []
    if not names:
        return OPAQUE
    values = [member(frame, state, arguments.node, holder, name) for name in names]
    return PLAIN if function == "hasattr" else values[0] if len(values) == 1 else OPAQUE


def _names(frame: Frame, state: State, holder: Object, node: ast.expr | None) -> list[str]:
    """List the attributes that a name means: one that is written, or all of those that a loop goes through."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    module = frame.module
    item = node.value if isinstance(node, ast.Attribute) and node.attr in ("key", "name") else node
    found = module.scope_of(item).lookup(item.id) if isinstance(item, ast.Name) else None
    if not isinstance(item, ast.Name) or found is None or len(found[1]) != 1 or found[1][0].kind != "for":
        return []
    loop = found[1][0].node
    end = module.parent(loop) if isinstance(loop, ast.comprehension) else loop
    around = itertools.takewhile(lambda outer: outer is not end, module.ancestors(item))
    skips = isinstance(loop, ast.For) and any(isinstance(part, (ast.Break, ast.Continue)) for part in ast.walk(loop))
    if (
        skips
        or (isinstance(loop, ast.comprehension) and loop.ifs)
        or any(isinstance(outer, _CHOOSING) for outer in around)
    ):
        return []
    value = found[1][0].value
    if listed := _mapped_names(state.objects[holder.id].mapped, value, keys=item is not node):
        return listed
    home, value = _written(frame, state, value) if isinstance(value, (ast.Name, ast.Attribute)) else (module, value)
    items = value.elts if isinstance(value, (ast.List, ast.Set, ast.Tuple)) and item is node else []
    texts = [text(home, item) for item in items]
    return texts if all(texts) else []


def _written(frame: Frame, state: State, node: ast.Name | ast.Attribute) -> tuple[Module, ast.expr | None]:
    """Return what a name stands for; of an attribute of an object, what its own class says."""
    owner = (
        state.names.get(node.value.id) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) else None
    )
    if isinstance(node, ast.Attribute) and isinstance(owner, Object):
        return of_class(state.objects[owner.id].mapped.cls, node.attr) or (frame.module, None)
    return named(frame.module, node)


def _mapped_names(mapped: MappedClass, node: ast.expr | None, *, keys: bool) -> list[str]:
    """List the attributes that ``mapper.relationships``, or ``mapper.column_attrs``, goes through."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "keys" and not keys:
        node, keys = node.func.value, True
    kinds = _OF_MAPPER.get(node.attr, ()) if isinstance(node, ast.Attribute) and keys else ()
    return [name for name, attribute in mapped.attributes.items() if attribute.kind in kinds]


def _setattr(frame: Frame, state: State, arguments: Arguments) -> Value:
    from flake8_async_sqla.semantics.flow.statements.assigning import set_attribute, set_by_name

    if len(arguments.values) != 3:
        forget(state, arguments.all())
        return PLAIN
    holder, _, value = arguments.values
    name = arguments.node.args[1]
    if isinstance(name, ast.Constant) and isinstance(name.value, str):
        set_attribute(frame, state, arguments.node, holder, name.value, value)
    elif isinstance(holder, Object):
        set_by_name(state, holder.id)
    else:
        forget(state, arguments.all())
    return PLAIN


def _committed(state: State, arguments: Arguments) -> Value:
    name = arguments.node_of("key", 1)
    holder = arguments.given("instance", 0)
    if isinstance(holder, Object) and isinstance(name, ast.Constant) and isinstance(name.value, str):
        change(state, holder.id, name.value, Loaded(arguments.given("value", 2) or OPAQUE))
    else:
        forget(state, arguments.all())
    return PLAIN


def _printed(frame: Frame, state: State, arguments: Arguments, *, as_repr: bool = False) -> Value:
    for node, value in zip(arguments.node.args, arguments.values, strict=False):
        shown(frame, state, node, value, as_repr=as_repr)
    return PLAIN
