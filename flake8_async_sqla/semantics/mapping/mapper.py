"""What ``__mapper_args__`` and the tables of a class say of its mapper."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

from flake8_async_sqla.semantics.inference.classes import scope_of_class
from flake8_async_sqla.semantics.inference.functions import returned
from flake8_async_sqla.semantics.mapping.ancestry import ancestry, is_declared
from flake8_async_sqla.semantics.mapping.constants import constant, text
from flake8_async_sqla.semantics.mapping.constructs import entries
from flake8_async_sqla.semantics.mapping.model import Inheritance
from flake8_async_sqla.semantics.mapping.tables import has_table
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import ProjectClass

_CONCRETE = frozenset({"sqlalchemy.ext.declarative.ConcreteBase", "sqlalchemy.ext.declarative.AbstractConcreteBase"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class MapperArguments:
    """What is said of a mapper.

    Attributes:
        parent: The mapped class that it inherits from.
        inheritance: How its table relates to the parent's.
        loads_subclasses: Whether its queries load the columns of subclasses too; also if that cannot be ruled out.
        polymorphic_load: Whether the parent's queries load its columns too; also if that cannot be ruled out.
        discriminator: The attribute that ``polymorphic_on`` names.
        eager_defaults: As given; True also if it cannot be seen.
    """

    parent: ProjectClass | None
    inheritance: Inheritance | None
    loads_subclasses: bool
    polymorphic_load: bool
    discriminator: str
    eager_defaults: bool | Literal["auto"]


def mapper_arguments(cls: ProjectClass) -> MapperArguments:
    """Read the arguments of a class's mapper."""
    given = _given(cls)
    seen = given is not None
    given = given or {}
    line = ancestry(cls)
    parent = next((item for item in line.classes[1:] if is_declared(item)), None)
    inherited = mapper_arguments(parent).discriminator if parent is not None and "concrete" not in given else ""
    eager: object = constant(*given["eager_defaults"]) if "eager_defaults" in given else "auto"
    return MapperArguments(
        parent,
        _inheritance(cls, given, seen) if parent is not None else None,
        not seen or "with_polymorphic" in given,
        not seen or "polymorphic_load" in given,
        _discriminator(*given["polymorphic_on"]) if "polymorphic_on" in given else inherited,
        "auto" if eager == "auto" and seen else bool(eager),
    )


def _discriminator(module: Module, node: ast.expr) -> str:
    """Return the attribute that ``polymorphic_on`` names: ``"kind"``, ``kind``, ``cls.kind``."""
    if isinstance(node, (ast.Name, ast.Attribute)) and not text(module, node):
        return node.id if isinstance(node, ast.Name) else node.attr
    return text(module, node)


def _inheritance(cls: ProjectClass, given: dict[str, tuple[Module, ast.expr]], seen: bool) -> Inheritance:
    if "concrete" in given or _CONCRETE & set(ancestry(cls).external):
        return "concrete"
    table = has_table(cls)
    if table is None or not seen:
        return "unknown"
    return "joined" if table else "single"


def _given(cls: ProjectClass) -> dict[str, tuple[Module, ast.expr]] | None:
    """Return the entries of the nearest ``__mapper_args__`` that counts; None if they cannot be seen."""
    for item in ancestry(cls).classes:
        bindings = scope_of_class(item).names.get("__mapper_args__", [])
        if (item != cls and is_declared(item)) or not bindings:
            continue
        node: ast.AST | None = bindings[-1].node
        value = bindings[-1].value
        if isinstance(node, _FUNCTIONS):
            values = returned(item.module, node)
            if len(values) != 1:
                return None
            value = values[0]
        found = entries(item.module, value)
        return found if found or (isinstance(value, ast.Dict) and not value.keys) else None
    return {}
