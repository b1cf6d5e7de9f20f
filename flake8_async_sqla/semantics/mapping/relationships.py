"""Relationships: what ``relationship()`` and its annotation say."""

from __future__ import annotations

import ast
from typing import Any

from flake8_async_sqla.semantics.inference.classes import scope_of_class
from flake8_async_sqla.semantics.mapping.annotation import Annotated
from flake8_async_sqla.semantics.mapping.constants import UNSEEN, text
from flake8_async_sqla.semantics.mapping.constructs import Construct, construct, entries
from flake8_async_sqla.semantics.mapping.model import Lazy
from flake8_async_sqla.semantics.mapping.targets import target
from flake8_async_sqla.semantics.types import ProjectClass

RELATIONSHIPS = frozenset({"sqlalchemy.orm.relationship", "sqlalchemy.orm.dynamic_loader", "sqlmodel.Relationship"})
BACKREF = "sqlalchemy.orm.backref"
_LAZY: dict[object, Lazy] = {
    True: "select",
    False: "joined",
    None: "noload",
    "select": "select",
    "selectin": "selectin",
    "joined": "joined",
    "subquery": "subquery",
    "immediate": "immediate",
    "noload": "noload",
    "raise": "raise",
    "raise_on_sql": "raise_on_sql",
    "dynamic": "dynamic",
    "write_only": "write_only",
}
_KEYED = frozenset({"attribute_keyed_dict", "column_keyed_dict", "keyfunc_mapping", "KeyFuncDict", "dict"})


def settled(found: Construct) -> Construct:
    """Return the ``relationship()`` behind a ``Relationship()`` of SQLModel's."""
    if found.path != "sqlmodel.Relationship":
        return found
    inner = construct(*found.keywords["sa_relationship"]) if "sa_relationship" in found.keywords else None
    if inner is not None:
        return inner
    given = dict(found.keywords)
    if "link_model" in given:
        given["secondary"] = given["link_model"]
    if "sa_relationship_kwargs" in given:
        given.update(entries(*given["sa_relationship_kwargs"]))
    args: tuple[ast.expr, ...] = ()
    if "sa_relationship_args" in given:
        args = tuple(getattr(given["sa_relationship_args"][1], "elts", ()))
    return Construct(found.module, "sqlalchemy.orm.relationship", args, given)


def relationship(owner: ProjectClass, found: Construct, said: Annotated) -> dict[str, Any]:
    """Return the fields of `Attribute` that a relationship sets.

    Args:
        owner: The class that declares it.
        found: The call, as `settled` returns it.
        said: Its annotation.
    """
    from flake8_async_sqla.semantics.mapping.direction import leads_to_many

    led = leads_to(owner, found, said)
    uselist = found.constant("uselist", UNSEEN)
    directed = leads_to_many(owner, led, found)
    many = bool(uselist) if uselist is not UNSEEN and uselist is not None else None
    if many is None and (said.mapped or said.uselist):
        many = said.uselist
    if many is None and "uselist" not in found.keywords:
        many = directed
    back = found.keywords.get("back_populates")
    reverse = backref(found)
    return {
        "target": led,
        "uselist": many,
        "many_to_one": None if directed is None else not directed and not many,
        "keyed": said.keyed or _is_keyed(found),
        "lazy": lazy(found, said),
        "join_depth": "join_depth" in found.keywords,
        "back": text(*back) if back is not None else reverse[0] if reverse is not None else "",
    }


def leads_to(owner: ProjectClass, found: Construct, said: Annotated) -> ProjectClass | None:
    """Return the class that a relationship leads to: its argument, else its annotation."""
    given = found.args[0] if found.args else found.keywords.get("argument", (None, None))[1]
    if given is not None:
        return target(found.module, given, found.module.scope_of(given), owner)
    scope = said.scope or scope_of_class(owner)
    return target(owner.module, said.element, scope, owner)


def lazy(found: Construct, said: Annotated | None = None) -> Lazy:
    """Return how a relationship is loaded by itself."""
    if "lazy" not in found.keywords:
        said_lazy = said.lazy if said is not None else ""
        by_name = "dynamic" if found.path.endswith(".dynamic_loader") else "select"
        return _LAZY[said_lazy or by_name]
    value = found.constant("lazy")
    return _LAZY.get(value, "unknown") if isinstance(value, (bool, str, type(None))) else "unknown"


def backref(found: Construct) -> tuple[str, Construct | None] | None:
    """Return the name of the attribute that ``backref=`` puts on the other class, and its own call if it has one."""
    if "backref" not in found.keywords:
        return None
    holder, node = found.keywords["backref"]
    call = construct(holder, node)
    if call is None:
        name = text(holder, node)
        return (name, None) if name else None
    name = text(call.module, call.args[0]) if call.path == BACKREF and call.args else ""
    return (name, call) if name else None


def _is_keyed(found: Construct) -> bool:
    if "collection_class" not in found.keywords:
        return False
    holder, node = found.keywords["collection_class"]
    call = construct(holder, node)
    if call is not None:
        return call.path.rpartition(".")[2] in _KEYED
    return isinstance(node, ast.Name) and node.id == "dict"
