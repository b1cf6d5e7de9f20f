"""Attributes that a class body declares."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from flake8_async_sqla.semantics.inference.classes import scope_of_class
from flake8_async_sqla.semantics.inference.functions import returned
from flake8_async_sqla.semantics.mapping.annotation import Annotated, read
from flake8_async_sqla.semantics.mapping.columns import COLUMNS, FIELD, column, deferral, is_column_call
from flake8_async_sqla.semantics.mapping.constants import text
from flake8_async_sqla.semantics.mapping.constructs import Construct, construct, entries
from flake8_async_sqla.semantics.mapping.model import Attribute
from flake8_async_sqla.semantics.mapping.relationships import RELATIONSHIPS, relationship, settled
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.names.scopes import Binding
from flake8_async_sqla.semantics.types import UNKNOWN, External, Instance, ProjectClass, Type

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DECLARED = "sqlalchemy.orm.declared_attr"
_HYBRID = "sqlalchemy.ext.hybrid.hybrid_property"
_SYNONYM_FOR = "sqlalchemy.orm.synonym_for"
_KINDS = {
    "sqlalchemy.ext.associationproxy.association_proxy": "association_proxy",
    "sqlalchemy.orm.composite": "composite",
    "sqlalchemy.orm.query_expression": "column_property",
    "sqlalchemy.orm.synonym": "synonym",
    _HYBRID: "hybrid",
}


def declared(owner: ProjectClass, name: str, *, fields: bool) -> Attribute | None:
    """Say what an attribute of a class body is to a mapper; None if it cannot be told.

    Args:
        owner: The class that declares it.
        name: The attribute.
        fields: Whether plain annotations are columns, as in SQLModel.
    """
    key = ("declared", owner.node, name, fields)
    return owner.module.cached(key, lambda: _declared(owner, name, fields))


def own_columns(cls: ProjectClass) -> Mapping[str, Attribute]:
    """Return the columns that a class body declares, by attribute; plain annotations do not count."""

    def collect() -> dict[str, Attribute]:
        found: dict[str, Attribute] = {}
        for name, bindings in scope_of_class(cls).names.items():
            if name.startswith("__") or not bindings_of(cls, name):
                continue
            if not any(_is_relationship(cls.module, binding) for binding in bindings):
                attribute = declared(cls, name, fields=False)
                if attribute is not None and attribute.kind == "column":
                    found[name] = attribute
        return found

    return cls.module.cached(("columns", cls.node), collect)


def _is_relationship(module: Module, binding: Binding) -> bool:
    value = binding.value
    if isinstance(binding.node, _FUNCTIONS):
        values = returned(module, binding.node)
        value = values[0] if values else None
    call = construct(module, value) if value is not None else None
    return call is not None and call.path in RELATIONSHIPS


def _declared(owner: ProjectClass, name: str, fields: bool) -> Attribute | None:
    bindings = bindings_of(owner, name)
    functions = [binding.node for binding in bindings if isinstance(binding.node, _FUNCTIONS)]
    if functions:
        return _function(owner, name, functions)
    binding = bindings[-1]
    if binding.kind not in ("value", "annotation") or binding.unpack:
        return Attribute(name, "plain", owner, owner.module, binding.node)
    said = read(owner.module, binding.annotation, scope_of_class(owner))
    return declaration(owner, name, binding.node, binding.value, said, fields)


def bindings_of(owner: ProjectClass, name: str) -> list[Binding]:
    """List what a class body binds a name to, other than for type checkers only."""
    return [found for found in scope_of_class(owner).names[name] if not _typing_only(owner.module, found.node)]


def _typing_only(module: Module, node: ast.AST) -> bool:
    """Tell whether a statement of a class body stands below ``if TYPE_CHECKING:``, out of a mapper's sight."""
    child: ast.AST = node
    for parent in module.ancestors(node):
        if isinstance(parent, ast.ClassDef):
            break
        test = parent.test if isinstance(parent, ast.If) and child in parent.body else None
        if isinstance(test, (ast.Name, ast.Attribute)) and ast.unparse(test).endswith("TYPE_CHECKING"):
            return True
        child = parent
    return False


def declaration(
    owner: ProjectClass, name: str, node: ast.AST, value: ast.expr | None, said: Annotated, fields: bool = False
) -> Attribute | None:
    """Say what ``name: said = value`` is to a mapper; None if it cannot be told.

    Args:
        owner: The class that declares it.
        name: The attribute.
        node: Where it is declared.
        value: What is assigned.
        said: What the annotation says.
        fields: Whether plain annotations are columns.
    """
    module = owner.module
    plain = Attribute(name, "plain", owner, module, node)
    call = construct(module, value)
    if said.plain:
        return plain
    if call is not None and call.path == "dataclasses.field":
        call = (
            next((item for given in entries(*call.keywords["metadata"]).values() if (item := construct(*given))), None)
            if ("metadata" in call.keywords)
            else None
        )
        if call is None:
            return plain
    made = _made(owner, call, said) if call is not None else None
    if made is not None:
        kind, values = made
        return Attribute(name, kind, owner, module, node, **values)
    if said.mapped:
        return Attribute(name, "column", owner, module, node, **_annotated(said)) if _is_value(module, value) else None
    if fields and said.element is not None and not name.startswith("_") and name != "model_config":
        return Attribute(name, "column", owner, module, node, default=value is not None)
    return plain if _is_value(module, value) or call is not None else None


def _is_value(module: Module, value: ast.expr | None) -> bool:
    """Tell whether a value is certainly nothing that a mapper looks at."""
    kind = module.type_of(value) if isinstance(value, ast.Call) else None
    return kind is not UNKNOWN and not (isinstance(kind, Instance) and not kind.cls.startswith("builtins."))


def _annotated(said: Annotated) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for found in said.columns:
        values.update(column(found))
    return values


def _made(owner: ProjectClass, call: Construct, said: Annotated) -> tuple[Any, dict[str, Any]] | None:
    """Say what a call makes: the kind of the attribute and its fields; None if it is nothing of a mapper's."""
    path, first = call.path, call.args[0] if call.args else None
    if path in RELATIONSHIPS:
        return "relationship", relationship(owner, settled(call), said)
    if path in COLUMNS or path == FIELD:
        return "column", {**_annotated(said), **column(call)}
    if path == "sqlalchemy.orm.deferred":
        inner = construct(call.module, first)
        return "column", {**(column(inner) if inner is not None else {}), **deferral(call), "deferred": True}
    if path == "sqlalchemy.orm.column_property":
        inner = construct(call.module, first)
        if inner is not None and is_column_call(call.module, first):
            return "column", {**column(inner), **deferral(call)}
        return "column_property", deferral(call)
    if path not in _KINDS:
        return None
    through: tuple[str, ...] = ()
    if _KINDS[path] in ("association_proxy", "synonym"):
        names = ("target_collection", "attr") if path.endswith("association_proxy") else ("name",)
        given = [(call.module, argument) for argument in call.args[: len(names)]]
        given += [call.keywords[name] for name in names[len(given) :] if name in call.keywords]
        through = tuple(text(*item) for item in given)
    return _KINDS[path], {"through": through}


def _function(owner: ProjectClass, name: str, nodes: list[Any]) -> Attribute | None:
    module = owner.module
    for node in nodes:
        for decorator in node.decorator_list:
            path = _decorator(module, decorator)
            if path == _HYBRID:
                return Attribute(name, "hybrid", owner, module, node)
            if path == _SYNONYM_FOR and isinstance(decorator, ast.Call) and decorator.args:
                return Attribute(name, "synonym", owner, module, node, through=(text(module, decorator.args[0]),))
            if path.startswith(_DECLARED):
                return _declared_attr(owner, name, node)
    own = (
        node
        for node in nodes
        if not any(isinstance(item, ast.Attribute) and _is_accessor(module, item) for item in node.decorator_list)
    )
    return Attribute(name, "plain", owner, module, next(own, nodes[0]))


def _decorator(module: Module, node: ast.expr) -> str:
    kind: Type = module.type_of(uncalled(node))
    return kind.path if isinstance(kind, External) else ""


def _is_accessor(module: Module, node: ast.Attribute) -> bool:
    return node.attr in ("setter", "deleter", "expression", "comparator", "update_expression")


def _declared_attr(owner: ProjectClass, name: str, node: Any) -> Attribute | None:
    """Say what a function under ``@declared_attr`` returns."""
    module = owner.module
    values = returned(module, node)
    said = read(module, node.returns, scope_of_class(owner))
    found = [declaration(owner, name, node, value, said) for value in values]
    if not found or any(item is None or item.kind != found[0].kind for item in found if found[0] is not None):
        return None
    return found[0]
