"""What a query gives: objects, columns, or rows with both; and whether the same one may come twice."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Literal, TypeAlias

from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.queries.parameters import means_class
from flake8_async_sqla.semantics.blocking.sync_io import QUERY
from flake8_async_sqla.semantics.inference.classes import is_a, lineage, scope_of_class
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External, Member, ProjectClass, Type

Gives: TypeAlias = Literal["objects", "columns", "rows"]

_COLUMNS = ("c", "columns")
_VALUES = ("exists", "label", "scalar_subquery")
_CLASSES = ("type", "Type")
_ALIASED = frozenset({"sqlalchemy.orm.aliased", "sqlalchemy.orm.with_polymorphic"})
# Loader options that do not multiply rows.
_SEPARATE = frozenset({"selectinload", "lazyload", "load_only", "defer", "undefer", "noload", "raiseload"})
_SINGLE = frozenset(
    {"filter", "where", "filter_by", "order_by", "limit", "offset", "slice", "with_for_update", "options", "distinct"}
)


def gives(kinds: Kinds, module: Module, entities: Sequence[ast.expr]) -> Gives | None:
    """Say what a query of some entities gives; None if that cannot be told."""
    found = [_is_class(kinds, module, entity) for entity in entities]
    if None in found:
        return None
    if not any(found):
        return "columns"
    return "objects" if len(found) == 1 else "rows"


def _is_class(kinds: Kinds, module: Module, node: ast.expr) -> bool | None:
    """Tell whether an entity is a mapped class or an alias of one (True), a column (False), or something else."""
    kind = kinds.of(module, node)
    if isinstance(kind, ProjectClass):
        return True
    if is_a(kind, "sqlalchemy.Table"):
        return False
    if isinstance(node, ast.Call):
        called = kinds.of(module, node.func)
        if isinstance(called, Member) and is_a(called.receiver, QUERY):
            return False if called.name in _VALUES else None
        path = called.path if isinstance(called, External) else ""
        if path in _ALIASED:
            return True
        if path.rpartition(".")[2] == "Bundle" or path == "sqlalchemy.text":
            return None
        root = _root(node)
        own = kinds.of(module, root)
        known = path.startswith(("sqlalchemy.", "sqlmodel.")) or isinstance(own, (External, ProjectClass))
        return False if known or _is_alias(kinds, module, root) else None
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr in _COLUMNS:
        return False
    if isinstance(node, ast.Attribute) and (_declares_class(kinds, module, node) or _is_column(kinds, module, node)):
        return _declares_class(kinds, module, node)
    if isinstance(node, ast.Name):
        known = _is_alias(kinds, module, node) or _declares_class(kinds, module, node) or means_class(module, node)
        return True if known or kinds.is_given_classes(module, node) else None
    return None


def _root(node: ast.expr) -> ast.expr:
    while isinstance(node, (ast.Call, ast.Attribute)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node


def _is_column(kinds: Kinds, module: Module, node: ast.Attribute) -> bool:
    holder = kinds.of(module, node.value)
    return isinstance(holder, ProjectClass) or _is_alias(kinds, module, node.value)


def _is_alias(kinds: Kinds, module: Module, node: ast.expr) -> bool:
    """Tell whether a name holds what ``aliased()`` made."""
    found = module.scope_of(node).lookup(node.id) if isinstance(node, ast.Name) else None
    values = [binding.value for binding in found[1]] if found is not None else []
    return bool(values) and all(
        isinstance(value, ast.Call)
        and isinstance(kind := kinds.of(module, value.func), External)
        and kind.path in _ALIASED
        for value in values
    )


def _declares_class(kinds: Kinds, module: Module, node: ast.expr) -> bool:
    """Tell whether a parameter, or an attribute that keeps one, is annotated as ``type[...]``."""
    if isinstance(node, ast.Name):
        found = module.scope_of(node).lookup(node.id)
        annotations = [binding.annotation for binding in found[1]] if found is not None else []
        return bool(annotations) and all(_is_type(annotation) for annotation in annotations)
    if isinstance(node, ast.Attribute):
        holder = kinds.of(module, node.value)
        cls = getattr(holder, "cls", holder)
        for item in lineage(cls) if isinstance(cls, ProjectClass) else ():
            scope = scope_of_class(item) if isinstance(item, ProjectClass) else None
            bindings = [*scope.names.get(node.attr, ()), *scope.attributes.get(node.attr, ())] if scope else []
            if bindings and isinstance(item, ProjectClass):
                return all(
                    _is_type(found.annotation)
                    or (found.value is not None and _declares_class(kinds, item.module, found.value))
                    for found in bindings
                )
    return False


def _is_type(annotation: ast.expr | None) -> bool:
    return isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value).rpartition(".")[2] in _CLASSES


def starts_unique(own: Type) -> bool:
    """Tell whether a query of one mapped class gives each object once as long as nothing is joined."""
    return isinstance(own, ProjectClass) and not _loads_joined(own)


def multiplies(kinds: Kinds, module: Module, own: Type, step: ast.Call) -> bool:
    """Tell whether a step may let an object come more than once, which ``Query`` hides and ``select()`` does not.

    Args:
        kinds: Types.
        module: The module of the step.
        own: The mapped class that the query selects.
        step: The step.
    """
    name = step.func.attr if isinstance(step.func, ast.Attribute) else ""
    values = [*step.args, *(keyword.value for keyword in step.keywords)]
    if name == "options":
        return not all(_is_separate(value) for value in values)
    if name not in _SINGLE or not isinstance(own, ProjectClass):
        return True
    return any(_names_another(kinds, module, value, own) for value in values)


def _loads_joined(cls: ProjectClass) -> bool:
    """Tell whether a relationship of a class may be loaded by a join without being asked."""
    for item in lineage(cls):
        if isinstance(item, ProjectClass):
            for node in ast.walk(item.node):
                if isinstance(node, ast.Constant) and node.value in ("joined", False) and _is_lazy(node, item):
                    return True
    return False


def _is_lazy(node: ast.Constant, cls: ProjectClass) -> bool:
    parent = cls.module.parent(node)
    return node.value == "joined" or (isinstance(parent, ast.keyword) and parent.arg == "lazy")


def _is_separate(option: ast.expr) -> bool:
    while isinstance(option, ast.Call):
        name = option.func.attr if isinstance(option.func, ast.Attribute) else getattr(option.func, "id", "")
        if name not in _SEPARATE:
            return False
        option = option.func.value if isinstance(option.func, ast.Attribute) else option.func
    return True


def _names_another(kinds: Kinds, module: Module, value: ast.expr, own: ProjectClass) -> bool:
    """Tell whether an expression names another class than the query's, or something that cannot be told."""
    for node in ast.walk(value):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            holder = kinds.of(module, node.value)
            if isinstance(holder, ProjectClass) and holder != own and own not in lineage(holder):
                return True
            if _is_alias(kinds, module, node.value) or node.attr in _COLUMNS:
                return True
    return False
