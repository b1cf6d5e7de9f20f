"""Relationships that are read without a loader option: asyncio cannot load them on the way, so they load at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from flake8_async_sqla.fixes.vocabulary import AddKeyword, Code, Edit, ReplaceExpression
from flake8_async_sqla.migrate.answers import answer_notes, cycle_notes
from flake8_async_sqla.migrate.filling import Filling
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.model import Plan, remark
from flake8_async_sqla.migrate.project import Sources, nodes
from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import is_class, lineage
from flake8_async_sqla.semantics.mapping.classes import attribute, mapped_class
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import UNKNOWN, External, ProjectClass, ProjectInstance

_RELATIONSHIP, _SQLMODEL = "sqlalchemy.orm.relationship", "sqlmodel.Relationship"
_BACKREF = "sqlalchemy.orm.backref"
_SCHEMAS = ("pydantic.BaseModel", "pydantic.main.BaseModel", "sqlmodel.SQLModel")
_OPTIONS = "sa_relationship_kwargs"
_LAZY = ("select", True)
_UNREADABLE = ("dynamic", "noload", "raise", "raise_on_sql", "write_only")


class Relationship(NamedTuple):
    """A relationship as the project declares it.

    Attributes:
        cls: The mapped class.
        name: The attribute.
        call: The call that declares it: in the module of its class, or of the class that it leads to for a ``backref``.
        is_sqlmodel: Whether SQLModel's function does.
        module: The module of the call.
        back: The name alone, where ``backref`` is given no more than that.
    """

    cls: ProjectClass
    name: str
    call: ast.Call
    is_sqlmodel: bool
    module: Module
    back: ast.Constant | None = None


def loading_edits(kinds: Kinds, sources: Sources, plan: Plan) -> None:
    """Plan the relationships that have to be loaded with their objects."""
    found = [item for module in sources.modules for item in _relationships(kinds, module)]
    reads = _Reads(kinds, sources, found)
    loaded: dict[ProjectClass, dict[str, tuple[Module, ast.Call]]] = {}
    for item in found:
        reader = reads.of(item)
        if reader and _load(item, reader, plan):
            loaded.setdefault(item.cls, {})[item.name] = item.module, item.call
    answer_notes(kinds, sources, loaded, plan)
    cycle_notes(loaded, plan)


def _relationships(kinds: Kinds, module: Module) -> Iterator[Relationship]:
    for node in nodes(module, ast.ClassDef):
        assert isinstance(node, ast.ClassDef)
        for statement in node.body:
            value = getattr(statement, "value", None)
            targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
            kind = kinds.of(module, value.func) if isinstance(value, ast.Call) else UNKNOWN
            path = kind.path if isinstance(kind, External) else ""
            if isinstance(value, ast.Call) and isinstance(targets[0], ast.Name) and path in (_RELATIONSHIP, _SQLMODEL):
                cls, name = ProjectClass(module, node), targets[0].id
                yield Relationship(cls, name, value, path == _SQLMODEL, module)
                yield from _backref(kinds, cls, name, value)


def _backref(kinds: Kinds, cls: ProjectClass, name: str, call: ast.Call) -> Iterator[Relationship]:
    """Yield the way back that ``backref`` declares on the class that a relationship leads to."""
    given, found = argument(call, "backref"), attribute(cls, name)
    target = found.target if found is not None else None
    if target is None or given is None:
        return
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        yield Relationship(target, given.value, call, is_sqlmodel=False, module=cls.module, back=given)
    elif isinstance(given, ast.Call) and kinds.of(cls.module, given.func) == External(_BACKREF):
        named = argument(given, "name", 0)
        if isinstance(named, ast.Constant) and isinstance(named.value, str):
            yield Relationship(target, named.value, given, is_sqlmodel=False, module=cls.module)


def _proxies(item: Relationship) -> Iterator[str]:
    """Yield the association proxies for a relationship."""
    mapped = mapped_class(item.cls)
    for name, own in mapped.attributes.items() if mapped is not None else ():
        if own.kind == "association_proxy" and own.through[:1] == (item.name,):
            yield name


class _Reads:
    """Who reads attributes of which name: code, and schemas that are filled from objects."""

    def __init__(self, kinds: Kinds, sources: Sources, found: Sequence[Relationship]) -> None:
        self._proxies = {(item.cls, item.name): list(_proxies(item)) for item in found}
        names = {name for item in found for name in self._names(item)}
        self._fields: dict[str, list[ProjectClass]] = {}
        self._filling = Filling(sources)
        self._reads: dict[str, list[tuple[object, str]]] = {}
        for module in sources.modules:
            for node in nodes(module, ast.ClassDef, ast.Attribute):
                if isinstance(node, ast.ClassDef):
                    self._schema(module, node, names)
                elif isinstance(node, ast.Attribute) and node.attr in names and not is_test(module):
                    self._read(kinds, module, node)

    def of(self, item: Relationship) -> str:
        """Say what reads a relationship; empty if nothing does."""
        return next(filter(None, (self._named(item, name) for name in self._names(item))), "")

    def _names(self, item: Relationship) -> list[str]:
        """List the attributes that read a relationship: itself, and association proxies for it."""
        return [item.name, *self._proxies[item.cls, item.name]]

    def _named(self, item: Relationship, name: str) -> str:
        for schema in self._fields.get(name, ()):
            if self._filling.reads(schema, name, item.cls):
                return f"schema {schema.node.name}"
        for holder, place in self._reads.get(name, ()):
            if (
                holder is None
                or holder == item.cls
                or (isinstance(holder, ProjectClass) and item.cls in lineage(holder))
            ):
                return place
        return ""

    def _schema(self, module: Module, node: ast.ClassDef, names: set[str]) -> None:
        cls = ProjectClass(module, node)
        table = any(keyword.arg == "table" for keyword in node.keywords)
        if table or not is_class(cls, *_SCHEMAS):
            return
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                name = statement.target.id
                if name in names:
                    self._fields.setdefault(name, []).append(cls)

    def _read(self, kinds: Kinds, module: Module, node: ast.Attribute) -> None:
        parent = module.parent(node)
        called = isinstance(parent, ast.Call) and parent.func is node
        function = module.function(node)
        if called or not isinstance(node.ctx, ast.Load) or function is None:
            return
        kind = kinds.of(module, node.value)
        place = f"{function.name}() in {module.relative_path}:{node.lineno}"
        if kind is UNKNOWN:
            self._reads.setdefault(node.attr, []).append((None, place))
        elif isinstance(kind, ProjectInstance):
            self._reads.setdefault(node.attr, []).append((kind.cls, place))


def _load(item: Relationship, reader: str, plan: Plan) -> bool:
    """Have a relationship load with its objects; say whether it does."""
    module, call = item.module, item.call
    name = f"{item.cls.node.name}.{item.name}"
    options = argument(call, _OPTIONS) if item.is_sqlmodel else None
    lazy = _value(options, "lazy") if item.is_sqlmodel else argument(call, "lazy") if item.back is None else None
    if isinstance(lazy, ast.Constant) and lazy.value in _UNREADABLE:
        plan.note(module, call, f"{name} is read by {reader}, and lazy={lazy.value!r} has another form with asyncio")
        return False
    if lazy is not None and not (isinstance(lazy, ast.Constant) and lazy.value in _LAZY):
        return False
    edit = _edit(item, options, lazy)
    if edit is None:
        plan.note(module, call, f"{name} is read by {reader}: give it lazy='selectin', or the queries a loader option")
        return False
    plan.separately(module, item.back or call, [edit])
    plan.loading.append(remark(module, call, f"{name} is loaded with lazy='selectin', for {reader}"))
    return True


def _edit(item: Relationship, options: ast.expr | None, lazy: ast.expr | None) -> Edit | None:
    if item.back is not None:
        both = Code('{backref}({name}, lazy="selectin")', {"name": item.back}, {"backref": _BACKREF})
        return ReplaceExpression(item.back, both)
    if lazy is not None:
        return ReplaceExpression(lazy, Code('"selectin"'))
    if not item.is_sqlmodel:
        return AddKeyword(item.call, "lazy", Code('"selectin"'))
    if options is None:
        return AddKeyword(item.call, _OPTIONS, Code('{{"lazy": "selectin"}}'))
    if isinstance(options, ast.Dict):
        return ReplaceExpression(options, Code('{{**{options}, "lazy": "selectin"}}', {"options": options}))
    return None


def _value(options: ast.expr | None, name: str) -> ast.expr | None:
    if isinstance(options, ast.Dict):
        for key, value in zip(options.keys, options.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == name:
                return value
    return None
