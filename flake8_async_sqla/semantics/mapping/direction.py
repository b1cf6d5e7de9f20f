"""Which way a relationship without an annotation leads: to one object, or to many."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.inference.classes import scope_of_class
from flake8_async_sqla.semantics.mapping.ancestry import ancestry
from flake8_async_sqla.semantics.mapping.constructs import Construct
from flake8_async_sqla.semantics.mapping.model import Attribute, MappedClass
from flake8_async_sqla.semantics.mapping.tables import table_names
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import ProjectClass


def leads_to_many(owner: ProjectClass, target: ProjectClass | None, found: Construct) -> bool | None:
    """Tell whether a relationship is a collection, as foreign keys say; None if they do not say.

    Args:
        owner: The class that declares it.
        target: The class that it leads to.
        found: The call of ``relationship()``.
    """
    if "secondary" in found.keywords:
        return True
    if target is None:
        return None
    if target == owner:
        return _of_itself(owner, found)
    chosen = _chosen(owner, target, found, "foreign_keys")
    if chosen is not None:
        return chosen
    forth = any(_refers(item, target) for item in ancestry(owner).classes)
    back = any(_refers(item, owner) for item in ancestry(target).classes)
    return back if forth != back else None


def foreign_keys(mapped: MappedClass, attribute: Attribute) -> list[Attribute]:
    """List the columns that a many-to-one follows; empty if that cannot be told from the tables that they refer to.

    Args:
        mapped: The class that has it.
        attribute: The relationship.
    """
    keys = [found for found in mapped.attributes.values() if found.foreign_key]
    single = [found for found in mapped.attributes.values() if found.kind == "relationship" and found.many_to_one]
    if len(keys) == len(single) == 1:
        return keys
    if attribute.target is None or sum(found.target == attribute.target for found in single) != 1:
        return []
    names = table_names(attribute.target)
    return [key for key in keys if not key.references or _table_of(key.references) in names]


def _table_of(reference: str) -> str:
    """Return the table of ``schema.table.column``."""
    return reference.rpartition(".")[0].rpartition(".")[2]


def _refers(cls: ProjectClass, other: ProjectClass) -> bool:
    """Tell whether a class body declares a foreign key to the table of another class."""
    from flake8_async_sqla.semantics.mapping.additions import table_attributes
    from flake8_async_sqla.semantics.mapping.declarations import own_columns

    names = table_names(other)
    return any(
        _table_of(found.references) in names
        for found in (*own_columns(cls).values(), *table_attributes(cls))
        if found.references
    )


def _of_itself(owner: ProjectClass, found: Construct) -> bool | None:
    from flake8_async_sqla.semantics.mapping.declarations import own_columns

    if "remote_side" not in found.keywords:
        return True
    columns = own_columns(owner)
    named = {name for _, name in _named(*found.keywords["remote_side"])}
    keys = {name for name in named if name in columns and columns[name].primary_key}
    if named and named == keys:
        return False
    return True if named and all(name in columns and columns[name].foreign_key for name in named) else None


def _chosen(owner: ProjectClass, target: ProjectClass, found: Construct, keyword: str) -> bool | None:
    if keyword not in found.keywords:
        return None
    own, other = False, False
    for holder, name in _named(*found.keywords[keyword]):
        own = own or (holder in ("", "cls", owner.node.name) and (holder != "" or name in scope_of_class(owner).names))
        other = other or holder == target.node.name
    return other if own != other else None


def _named(module: Module, node: ast.expr) -> list[tuple[str, str]]:
    """List the columns that ``foreign_keys=`` or ``remote_side=`` names, each with the class in front of it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        from flake8_async_sqla.semantics.inference.annotations import parse_string

        parsed = parse_string(module, node)
        return _named(module, parsed) if parsed is not None else []
    if isinstance(node, ast.Lambda):
        return _named(module, node.body)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return [found for item in node.elts for found in _named(module, item)]
    if isinstance(node, ast.Attribute) and isinstance(node.value, (ast.Name, ast.Attribute)):
        holder = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
        return [(holder, node.attr)]
    return [("", node.id)] if isinstance(node, ast.Name) else []
