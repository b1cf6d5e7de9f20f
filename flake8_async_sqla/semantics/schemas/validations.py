"""Calls that make a schema of an object: ``model_validate()``, ``from_orm()``, constructors, type adapters."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.flow.failure import Sink
from flake8_async_sqla.semantics.flow.reads.reads import OutOfSight
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.schemas.expression import Expression
from flake8_async_sqla.semantics.schemas.handed import given, handed
from flake8_async_sqla.semantics.schemas.marshmallow import dumped
from flake8_async_sqla.semantics.schemas.model import Schema, schema
from flake8_async_sqla.semantics.types import FunctionNode, Instance, ProjectClass

_VALIDATORS = frozenset({"from_orm", "model_validate", "parse_obj"})
_ADAPTERS = ("pydantic.TypeAdapter", "pydantic.type_adapter.TypeAdapter")
_PARSERS = frozenset({"pydantic.parse_obj_as", "pydantic.tools.parse_obj_as", "pydantic.v1.parse_obj_as"})
_CONSUMERS = frozenset({"list", "set", "sorted", "tuple"})


def validations(module: Module, function: FunctionNode) -> Iterator[OutOfSight]:
    """Yield the calls of a function that read the attributes of objects into schemas."""
    for call in own_nodes(module, function, ast.Call):
        assert isinstance(call, ast.Call)
        func = call.func
        if isinstance(func, ast.Attribute) and func.attr in _VALIDATORS:
            yield from _validated(module, call, func.value, argument(call, "obj", 0))
        elif isinstance(func, ast.Attribute) and func.attr == "validate_python":
            yield from _adapted(module, call, func.value)
        elif isinstance(func, ast.Attribute) and func.attr in ("dump", "dumps"):
            if (found := dumped(module, call)) is not None:
                yield found
        elif getattr(func, "attr", getattr(func, "id", "")) == "convert":
            yield from _converted(module, call)
        elif isinstance(func, ast.Name) and func.id == "map" and len(call.args) == 2:
            yield from _mapped(module, call)
        elif call.keywords or call.args:
            yield from _constructed(module, call)


def _validated(module: Module, call: ast.Call, cls: ast.expr, value: ast.expr | None) -> Iterator[OutOfSight]:
    annotation = Expression(module, cls, module.scope_of(cls))
    name = _schema_name(annotation)
    if name and value is not None and (forced := _forced(call)) is not None:
        yield from handed(call, value, annotation, forced, Sink("schema", name))


def _schema_name(annotation: Expression) -> str:
    settled = annotation.settled()
    head = settled.at(settled.node.value) if isinstance(settled.node, ast.Subscript) else settled
    kind = head.kind
    return ast.unparse(annotation.node) if isinstance(kind, ProjectClass) else ""


def _forced(call: ast.Call) -> bool | None:
    """Tell whether a call says ``from_attributes=True``; ``None`` if it rules attributes out, or cannot be seen."""
    chosen = argument(call, "from_attributes")
    if chosen is None or (isinstance(chosen, ast.Constant) and chosen.value is None):
        return False
    return True if isinstance(chosen, ast.Constant) and chosen.value is True else None


def _adapted(module: Module, call: ast.Call, adapter: ast.expr) -> Iterator[OutOfSight]:
    kind = module.type_of(adapter)
    if not isinstance(kind, Instance) or kind.cls not in _ADAPTERS or kind.origin is None:
        return
    made = kind.origin
    target, value, forced = argument(made.call, "type", 0), argument(call, "object", 0), _forced(call)
    if target is not None and value is not None and forced is not None:
        annotation = Expression(made.module, target, made.module.scope_of(target))
        yield from handed(call, value, annotation, forced, Sink("schema", ast.unparse(target)))


def _converted(module: Module, call: ast.Call) -> Iterator[OutOfSight]:
    """``msgspec.convert(author, AuthorOut, from_attributes=True)``."""
    target, value = argument(call, "type", 1), argument(call, "obj", 0)
    if callee(module, call) == "msgspec.convert" and target is not None and value is not None and _forced(call):
        annotation = Expression(module, target, module.scope_of(target))
        yield from handed(call, value, annotation, True, Sink("struct", ast.unparse(target)))


def _mapped(module: Module, call: ast.Call) -> Iterator[OutOfSight]:
    """``list(map(Author.model_validate, authors))``."""
    outer, method = module.parent(call), call.args[0]
    consumed = isinstance(outer, ast.Starred) or (
        isinstance(outer, ast.Call) and isinstance(outer.func, ast.Name) and outer.func.id in _CONSUMERS
    )
    if consumed and isinstance(method, ast.Attribute) and method.attr in _VALIDATORS:
        yield from _validated(module, call, method.value, call.args[1])


def _constructed(module: Module, call: ast.Call) -> Iterator[OutOfSight]:
    """``Page[Author](items=authors)``: what is given for a field is validated as any other value."""
    func = call.func
    if callee(module, call) in _PARSERS and len(call.args) > 1:
        target = Expression(module, call.args[0], module.scope_of(call))
        yield from handed(call, call.args[1], target, False, Sink("schema", ast.unparse(call.args[0])))
        return
    found = _class_called(module, func)
    if found is None or found.table or found.own_constructor:
        return
    sink = Sink("schema", ast.unparse(func))
    if found.root is not None and call.args:
        yield from handed(call, call.args[0], found.root, False, sink)
    for keyword in call.keywords:
        if keyword.arg is not None:
            yield from given(call, keyword.arg, keyword.value, found, False, sink)


def _class_called(module: Module, func: ast.expr) -> Schema | None:
    head = func.value if isinstance(func, ast.Subscript) else func
    name = getattr(head, "attr", getattr(head, "id", ""))
    if not name.lstrip("_")[:1].isupper():
        return None
    annotation = Expression(module, func, module.scope_of(func)).settled()
    head = annotation.node.value if isinstance(annotation.node, ast.Subscript) else annotation.node
    kind = annotation.at(head).kind
    return schema(kind, annotation.arguments()) if isinstance(kind, ProjectClass) else None
