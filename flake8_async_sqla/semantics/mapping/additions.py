"""Attributes that a class gets from outside its body: backrefs, assignments, imperative mappings."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import scope_of_class
from flake8_async_sqla.semantics.mapping.ancestry import is_registry_member
from flake8_async_sqla.semantics.mapping.annotation import Annotated, read
from flake8_async_sqla.semantics.mapping.columns import column
from flake8_async_sqla.semantics.mapping.constructs import Construct, construct, entries
from flake8_async_sqla.semantics.mapping.declarations import declaration
from flake8_async_sqla.semantics.mapping.direction import leads_to_many
from flake8_async_sqla.semantics.mapping.model import Attribute
from flake8_async_sqla.semantics.mapping.neighbours import adding
from flake8_async_sqla.semantics.mapping.relationships import RELATIONSHIPS, backref, lazy, leads_to, settled
from flake8_async_sqla.semantics.mapping.tables import TABLE, declared_table, table_columns, table_of
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External, ProjectClass


def backrefs(cls: ProjectClass) -> Iterator[Attribute]:
    """Yield the attributes that relationships of other classes, in its directory, put on a class by ``backref=``."""
    for module in adding(cls.module, "backref"):
        for owner, attribute, found, said in _with_backref(module):
            if leads_to(owner, found, said) == cls and (made := backref(found)) is not None:
                yield _reverse(cls, owner, attribute, found, made)


def _with_backref(module: Module) -> list[tuple[ProjectClass, str, Construct, Annotated]]:
    def collect() -> list[tuple[ProjectClass, str, Construct, Annotated]]:
        found: list[tuple[ProjectClass, str, Construct, Annotated]] = []
        for scope in list(module.index.scopes.values()):
            if not isinstance(scope.node, ast.ClassDef):
                continue
            for name, bindings in scope.names.items():
                call = construct(module, bindings[-1].value) if isinstance(bindings[-1].value, ast.Call) else None
                if call is not None and call.path in RELATIONSHIPS and "backref" in settled(call).keywords:
                    said = read(module, bindings[-1].annotation, scope)
                    found.append((ProjectClass(module, scope.node), name, settled(call), said))
        for mapping in _mapping_calls(module):
            owner = module.type_of(argument(mapping, "class_", 0))
            for name, given in entries(module, argument(mapping, "properties")).items():
                call = construct(*given)
                if isinstance(owner, ProjectClass) and call is not None and "backref" in call.keywords:
                    found.append((owner, name, call, Annotated()))
        return found

    return module.cached("backrefs", collect)


def _reverse(
    cls: ProjectClass, owner: ProjectClass, forward: str, found: Construct, made: tuple[str, Construct | None]
) -> Attribute:
    name, call = made
    uselist: bool | None
    forth = leads_to_many(owner, cls, found)
    if call is not None and isinstance(call.constant("uselist"), bool):
        uselist = bool(call.constant("uselist"))
    elif "secondary" in found.keywords:
        uselist = True
    else:
        uselist = None if forth is None else not forth
    bindings = scope_of_class(owner).names.get(forward)
    place = bindings[-1].node if bindings else owner.node
    reverse_lazy = lazy(call) if call is not None else "select"
    many_to_one = False if "secondary" in found.keywords else forth
    return Attribute(
        name, "relationship", cls, owner.module, place, target=owner, uselist=uselist, many_to_one=many_to_one,
        lazy=reverse_lazy, back=forward,
    )  # fmt: skip


def assigned(cls: ProjectClass) -> Iterator[Attribute]:
    """Yield the attributes that the module of a class assigns after its body: ``User.total = column_property(...)``."""
    module = cls.module
    for statement in module.tree.body if f"\n{cls.node.name}." in module.text else ():
        if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
            continue
        for place in statement.targets:
            if isinstance(place, ast.Attribute) and module.type_of(place.value) == cls:
                found = declaration(cls, place.attr, statement, statement.value, Annotated())
                if found is not None:
                    yield found


def imperative(cls: ProjectClass) -> tuple[Construct | None, dict[str, tuple[Module, ast.expr]]] | None:
    """Return the table and the properties that a class is mapped to by ``map_imperatively()``; None if by no such call.

    The call is looked for in the module of the class and in those beside it.
    """
    for module in adding(cls.module, "mapper"):
        for call in _mapping_calls(module):
            if module.type_of(argument(call, "class_", 0)) == cls:
                table = table_of(module, argument(call, "local_table", 1))
                return table, entries(module, argument(call, "properties"))
    return None


def _mapping_calls(module: Module) -> list[ast.Call]:
    def collect() -> list[ast.Call]:
        nodes = [node for scope in list(module.index.scopes.values()) for node in scope.nodes]
        return [node for node in nodes if isinstance(node, ast.Call) and _maps(module, node)]

    return module.cached("imperative mappings", collect)


def _maps(module: Module, call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in ("map_imperatively", "mapper"):
        return False
    kind = module.type_of(call.func)
    return is_registry_member(kind, "map_imperatively") or kind == External("sqlalchemy.orm.mapper")


def properties(cls: ProjectClass, given: dict[str, tuple[Module, ast.expr]]) -> Iterator[Attribute | None]:
    """Yield the attributes of ``properties={...}``; None for one that cannot be told."""
    for name, (module, value) in given.items():
        holder = ProjectClass(module, cls.node) if module != cls.module else cls
        found = declaration(holder, name, value, value, Annotated())
        if found is not None and found.kind == "plain":
            found = None
        yield found


def table_attributes(cls: ProjectClass) -> Iterator[Attribute]:
    """Yield the columns of the ``Table(...)`` that a class is mapped to, where it is written down."""
    mapping = imperative(cls)
    table = declared_table(cls) if mapping is None else mapping[0]
    if table is not None:
        yield from columns_of(cls, table)


def columns_of(cls: ProjectClass, table: Construct) -> Iterator[Attribute]:
    """Yield the attributes that the columns of a ``Table(...)`` become."""
    assert table.path == TABLE
    for name, found, node in table_columns(table):
        yield Attribute(name, "column", cls, table.module, node, **column(found))
