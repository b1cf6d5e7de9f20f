"""The bases of a class, as a mapper sees them: mixins, the declarative base, what libraries bring along."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from flake8_async_sqla.facts.models import MODELS
from flake8_async_sqla.semantics.inference.classes import scope_of_class
from flake8_async_sqla.semantics.mapping.constants import constant
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.names.nodes import parts, uncalled
from flake8_async_sqla.semantics.types import External, Instance, Member, ProjectClass

BASE = "sqlalchemy.orm.declarative_base"
REGISTRY = "sqlalchemy.orm.registry"
SQLMODEL = "sqlmodel.SQLModel"
MAX_CLASSES = 60
_DIRECT = frozenset({"sqlalchemy.orm.DeclarativeBase", "sqlalchemy.orm.DeclarativeBaseNoMeta"})
_MAKERS = frozenset({BASE, "sqlalchemy.ext.automap.automap_base"})
_HARMLESS = ("abc.", "builtins.", "sqlalchemy.", "sqlmodel.", "typing.", "typing_extensions.")
_MAKES_BASE = frozenset({"sqlalchemy.orm.as_declarative", "sqlalchemy.ext.declarative.as_declarative"})


@dataclass(frozen=True, slots=True)
class Ancestry:
    """A class and its bases.

    Attributes:
        classes: The class and its bases in the project, nearest first.
        external: Bases outside the project, by canonical path; `BASE` for what ``declarative_base()`` returns.
        complete: Whether every base was seen.
    """

    classes: tuple[ProjectClass, ...]
    external: tuple[str, ...]
    complete: bool


def ancestry(cls: ProjectClass) -> Ancestry:
    """Collect the bases of a class."""
    return cls.module.cached(("ancestry", cls.node), lambda: _ancestry(cls))


def _ancestry(cls: ProjectClass) -> Ancestry:
    line = list(_line(cls, ()))
    nearest = [item for place, item in enumerate(line) if item not in line[place + 1 :]]
    external = tuple(item for item in nearest if isinstance(item, str))
    classes = tuple(item for item in nearest if isinstance(item, ProjectClass))
    known = all(path.startswith(_HARMLESS) or path in MODELS for path in external)
    return Ancestry(classes, external, known and None not in line)


def _line(cls: ProjectClass, below: tuple[ProjectClass, ...]) -> Iterator[ProjectClass | str | None]:
    """Yield a class and its bases depth first; None for one that cannot be seen."""
    yield cls
    if cls in below or len(below) > MAX_CLASSES:
        return
    if _decorated(cls, _MAKES_BASE, "as_declarative_base"):
        yield BASE
    if any(
        keyword.arg == "metaclass" and _is_declarative_meta(cls.module, keyword.value) for keyword in cls.node.keywords
    ):
        yield BASE
    for base in cls.node.bases:
        yield from _base(cls.module, base, (*below, cls))


def _is_declarative_meta(module: Module, node: ast.expr) -> bool:
    return module.type_of(node) == External("sqlalchemy.orm.DeclarativeMeta")


def _base(module: Module, node: ast.expr, below: tuple[ProjectClass, ...]) -> Iterator[ProjectClass | str | None]:
    if isinstance(node, ast.Subscript):
        node = node.value
    kind = module.type_of(node)
    if isinstance(kind, ProjectClass):
        yield from _line(kind, below)
    elif isinstance(kind, External):
        yield BASE if kind.path in _DIRECT else kind.path
    elif isinstance(node, ast.Call):
        yield from _made(module, node, below)
    elif isinstance(node, ast.Name) and node.id == "object":
        return
    else:
        holder, binding = definition(module, node, module.scope_of(node))
        value = binding.value if binding is not None and binding.kind in ("value", "annotation") else None
        if isinstance(value, (ast.Call, ast.Name, ast.Attribute)) and value is not node:
            yield from _base(holder, value, below)
        else:
            yield None


def _made(module: Module, call: ast.Call, below: tuple[ProjectClass, ...]) -> Iterator[ProjectClass | str | None]:
    """Yield what ``declarative_base(cls=...)`` or ``registry().generate_base()`` is made of."""
    kind = module.type_of(call.func)
    made = kind.path in _MAKERS if isinstance(kind, External) else is_registry_member(kind, "generate_base")
    if not made:
        yield None
        return
    yield BASE
    for keyword in call.keywords:
        if keyword.arg == "cls":
            for part in parts(keyword.value):
                yield from _base(module, part, below)


def is_registry_member(kind: object, *names: str) -> bool:
    """Tell whether a type is one of some methods of an ``orm.registry``."""
    return (
        isinstance(kind, Member)
        and kind.name in names
        and isinstance(kind.receiver, Instance)
        and kind.receiver.cls == REGISTRY
    )


def _decorated(cls: ProjectClass, paths: frozenset[str], *members: str) -> bool:
    for decorator in cls.node.decorator_list:
        kind = cls.module.type_of(uncalled(decorator))
        if (isinstance(kind, External) and kind.path in paths) or is_registry_member(kind, *members):
            return True
    return False


def is_decorated(cls: ProjectClass, *, dataclass: bool = False) -> bool:
    """Tell whether ``@registry.mapped`` or its like maps a class; or only those that make it a dataclass."""
    members = ("mapped_as_dataclass",) if dataclass else ("mapped", "mapped_as_dataclass")
    return _decorated(cls, frozenset({"sqlalchemy.orm.mapped_as_dataclass"}), *members)


def is_base(cls: ProjectClass) -> bool:
    """Tell whether a class is itself a declarative base: it derives from ``DeclarativeBase`` directly."""
    if _decorated(cls, _MAKES_BASE, "as_declarative_base"):
        return True
    for base in cls.node.bases:
        kind = cls.module.type_of(base)
        if isinstance(kind, External) and kind.path in _DIRECT:
            return True
    return any(_is_declarative_meta(cls.module, keyword.value) for keyword in cls.node.keywords)


def is_abstract(cls: ProjectClass) -> bool:
    """Tell whether a class says ``__abstract__ = True``."""
    bindings = scope_of_class(cls).names.get("__abstract__", [])
    return any(constant(cls.module, binding.value) is True for binding in bindings)


def is_declared(cls: ProjectClass) -> bool:
    """Tell whether a class is certainly mapped by its declaration (imperative mappings aside)."""
    if is_decorated(cls):
        return True
    if is_base(cls) or is_abstract(cls):
        return False
    line = ancestry(cls)
    if SQLMODEL in line.external:
        return any(
            keyword.arg == "table" and constant(cls.module, keyword.value) is True for keyword in cls.node.keywords
        )
    if BASE in line.external or any(path in MODELS and MODELS[path].declarative for path in line.external):
        return True
    names = scope_of_class(cls).names
    return not line.complete and ("__tablename__" in names or "__table__" in names) and _declares(cls)


def _declares(cls: ProjectClass) -> bool:
    """Tell whether a class body calls a function of SQLAlchemy's that makes an attribute."""
    from flake8_async_sqla.semantics.mapping.constructs import construct

    makers = ("Column", "mapped_column", "relationship")
    for bindings in scope_of_class(cls).names.values():
        for binding in bindings:
            found = construct(cls.module, binding.value) if binding.value is not None else None
            if found is not None and found.path.rpartition(".")[2] in makers:
                return True
    return False
