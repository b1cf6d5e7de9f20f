"""Random mapped classes, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Literal, TypeAlias

Style: TypeAlias = Literal["annotated", "classic", "dataclass", "sqlmodel"]

_NAMES = ("Author", "Book", "Tag", "Shop", "Review", "Letter")
_STYLES: tuple[Style, ...] = ("annotated", "annotated", "annotated", "annotated", "classic", "dataclass", "sqlmodel")
_LAZY = (
    *("select",) * 14,
    "selectin",
    "selectin",
    "joined",
    "joined",
    "subquery",
    "immediate",
    "raise",
    "raise_on_sql",
)


@dataclass
class Column:
    """A column beside ``id`` and ``name``; the constructor's arguments say what is special about it."""

    name: str
    type: Literal["str", "int", "datetime"]
    arguments: dict[str, str] = field(default_factory=dict)


@dataclass
class Relation:
    """One side of a relationship.

    Attributes:
        name: The attribute.
        target: The entity on the other side.
        collection: Whether it holds many objects.
        lazy: The strategy.
        other: The attribute of the other side; empty if there is none.
        backref: Whether this side declares the other one.
        declared: Whether the class names the attribute, or the backref of the other side makes it.
        secondary: The association table of a many-to-many relationship.
    """

    name: str
    target: Entity
    collection: bool
    lazy: str
    other: str = ""
    backref: bool = False
    declared: bool = True
    secondary: str = ""


@dataclass
class Entity:
    """A mapped class.

    Attributes:
        name: The class.
        parent: The mapped class that it inherits from.
        children: Subclasses.
        single: Whether a subclass shares its parent's table.
        foreign_keys: Entities that its table refers to.
        members: Properties and methods that walk relationships, as source lines; their names are in ``calls``.
        calls: How members are read: ``label`` or ``describe()``.
        eager_defaults: What ``__mapper_args__`` says about it; empty for nothing.
    """

    name: str
    columns: list[Column] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    parent: Entity | None = None
    children: list[Entity] = field(default_factory=list)
    single: bool = False
    foreign_keys: list[Entity] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    eager_defaults: str = ""

    def every_column(self) -> list[Column]:
        """List own and inherited columns."""
        return [*(self.parent.every_column() if self.parent else ()), *self.columns]

    def every_relation(self) -> list[Relation]:
        """List own and inherited relationships."""
        return [*(self.parent.every_relation() if self.parent else ()), *self.relations]

    @property
    def lower(self) -> str:
        """The name of a variable that holds one."""
        return self.name.lower()


@dataclass
class Schema:
    """All models of a program."""

    style: Style
    async_attrs: bool
    entities: list[Entity]
    secondaries: list[tuple[str, Entity, Entity]] = field(default_factory=list)


def random_schema(rng: Random) -> Schema:
    """Make two to four models with relationships among them."""
    style = rng.choice(_STYLES)
    entities = [Entity(name) for name in rng.sample(_NAMES, rng.randint(2, 4))]
    schema = Schema(style, rng.random() < 0.3, entities)
    for entity in entities:
        entity.columns = _columns(rng, style)
        if rng.random() < 0.2:
            entity.eager_defaults = rng.choice(["True", "False"])
    if style in ("annotated", "classic") and rng.random() < 0.25:
        _inherit(rng, entities)
    related: set[tuple[str, str]] = set()
    for later, child in enumerate(entities):
        for parent in entities[:later]:
            pair = (_root(parent).name, _root(child).name)
            if pair not in related and pair[0] != pair[1] and rng.random() < 0.75:
                related.add(pair)
                _relate(rng, schema, parent, child)
    for entity in entities:
        _members(rng, entity)
    return schema


def _columns(rng: Random, style: Style) -> list[Column]:
    columns = [Column("rank", "int", {"default": "0"})] if rng.random() < 0.4 else []
    if rng.random() < 0.3:
        columns.append(Column("created", "datetime", {"server_default": "func.now()"}))
    if rng.random() < 0.35:
        columns.append(Column("updated", "datetime", {"onupdate": "func.now()"}))
    if rng.random() < 0.35 and style != "sqlmodel":
        deferred = {"deferred": "True"}
        if rng.random() < 0.3:
            deferred["deferred_group"] = "'long'"
        if rng.random() < 0.15 and style != "classic":
            deferred["deferred_raiseload"] = "True"
        columns.append(Column("summary", "str", deferred))
    return columns


def _inherit(rng: Random, entities: list[Entity]) -> None:
    parent = rng.choice(entities)
    child = Entity(f"Special{parent.name}", [Column("extra", "str")], parent=parent, single=rng.random() < 0.3)
    parent.children.append(child)
    entities.insert(entities.index(parent) + 1, child)


def _root(entity: Entity) -> Entity:
    return entity.parent or entity


def _relate(rng: Random, schema: Schema, parent: Entity, child: Entity) -> None:
    secondary = ""
    kind = rng.choice(["many", "many", "many", "one", "both"])
    if kind == "both":
        secondary = f"{parent.lower}_{child.lower}"
        schema.secondaries.append((secondary, parent, child))
    else:
        child.foreign_keys.append(parent)
    down = Relation(
        _name(child, kind != "one"), child, kind != "one", _lazy(rng, kind != "one", schema), "", False, True
    )
    up = Relation(_name(parent, kind == "both"), parent, kind == "both", _lazy(rng, kind == "both", schema))
    down.secondary = up.secondary = secondary
    reverse = rng.random()
    if reverse < 0.65:
        down.other, up.other = up.name, down.name
    elif reverse < 0.8 and schema.style in ("annotated", "classic"):
        down.other, down.backref, up.declared, up.lazy = up.name, True, False, "select"
    elif reverse < 0.9 or schema.style == "sqlmodel":
        parent.relations.append(down)
        return
    else:
        child.relations.append(up)
        return
    parent.relations.append(down)
    child.relations.append(up)


def _name(target: Entity, collection: bool) -> str:
    return f"{target.lower}s" if collection else target.lower


def _lazy(rng: Random, collection: bool, schema: Schema) -> str:
    if collection and schema.style in ("annotated", "classic") and rng.random() < 0.03:
        return "dynamic"
    return rng.choice(_LAZY)


def _members(rng: Random, entity: Entity) -> None:
    relations = [relation for relation in entity.relations if relation.lazy != "dynamic"]
    if not relations or rng.random() < 0.5:
        return
    relation = rng.choice(relations)
    value = f"self.{relation.name}"
    body = f"len({value})" if relation.collection else f"{value} is None"
    match rng.randint(0, 3):
        case 0:
            entity.members.append(f"@property\ndef label(self):\n    return {body}")
            entity.calls.append("label")
        case 1:
            entity.members.append(f"def describe(self) -> str:\n    return f'{{self.name}} {{{body}}}'")
            entity.calls.append("describe()")
        case 2:
            entity.members.append(f"def __repr__(self) -> str:\n    return f'<{entity.name} {{{value}}}>'")
        case _:
            entity.members.append(f"def __repr__(self) -> str:\n    return f'<{entity.name} {{self.name}}>'")
