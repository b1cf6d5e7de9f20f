"""The text of random models."""

from __future__ import annotations

from textwrap import indent

from flake8_async_sqla.dev.differential.schema import Column, Entity, Relation, Schema

_IMPORTS = """
from datetime import datetime
from typing import Optional

from sqlalchemy import Column, DateTime, ForeignKey, Integer, String, Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase, DynamicMapped, Mapped, MappedAsDataclass, backref, contains_eager, declarative_base, defaultload,
    defer, deferred, immediateload, joinedload, lazyload, load_only, mapped_column, raiseload, relationship,
    selectinload, subqueryload, undefer, undefer_group,
)
"""
_TYPES = {"str": "String(80)", "int": "Integer", "datetime": "DateTime"}


def declarations(schema: Schema) -> str:
    """Write imports, base class, association tables and models.

    Args:
        schema: What to declare.

    Returns:
        Source text.
    """
    parts = [_IMPORTS, _base(schema)]
    parts += [_association(schema, *secondary) for secondary in schema.secondaries]
    parts += [_model(schema, entity) for entity in schema.entities]
    return "\n".join(parts)


def _base(schema: Schema) -> str:
    attrs = "AsyncAttrs, " if schema.async_attrs else ""
    match schema.style:
        case "classic":
            return f"Base = declarative_base({'cls=AsyncAttrs' if schema.async_attrs else ''})"
        case "dataclass":
            return f"class Base({attrs}MappedAsDataclass, DeclarativeBase):\n    pass\n"
        case "sqlmodel":
            return "from sqlmodel import Field, Relationship, SQLModel\n"
        case _:
            return f"class Base({attrs}DeclarativeBase):\n    pass\n"


def _association(schema: Schema, name: str, left: Entity, right: Entity) -> str:
    if schema.style == "sqlmodel":
        keys = "".join(
            f"    {side.lower}_id: Optional[int] = Field("
            f"default=None, foreign_key='{side.lower}.id', primary_key=True)\n"
            for side in (left, right)
        )
        return f"class {_link(name)}(SQLModel, table=True):\n    __tablename__ = '{name}'\n{keys}"
    keys = ", ".join(
        f"Column('{side.lower}_id', ForeignKey('{_table(side)}.id'), primary_key=True)" for side in (left, right)
    )
    return f"{name} = Table('{name}', Base.metadata, {keys})"


def _table(entity: Entity) -> str:
    return entity.parent.lower if entity.single and entity.parent else entity.lower


def _link(name: str) -> str:
    return name.title().replace("_", "")


def _model(schema: Schema, entity: Entity) -> str:
    attrs = "AsyncAttrs, " if schema.async_attrs else ""
    bases = f"{attrs}SQLModel, table=True" if schema.style == "sqlmodel" else "Base"
    if entity.parent is not None:
        bases = entity.parent.name
    lines = [] if entity.single else [f"__tablename__ = '{entity.lower}'"]
    if arguments := _mapper_arguments(entity):
        lines.append(f"__mapper_args__ = {{{arguments}}}")
    lines += _keys(schema, entity)
    lines += [_column(schema, entity, column) for column in entity.columns]
    lines += [_relation(schema, entity, relation) for relation in entity.relations if relation.declared]
    lines += entity.members
    return f"class {entity.name}({bases}):\n{indent(chr(10).join(lines), '    ')}\n"


def _mapper_arguments(entity: Entity) -> str:
    pairs = [f"'eager_defaults': {entity.eager_defaults}"] if entity.eager_defaults else []
    if entity.children:
        pairs.append("'polymorphic_on': 'kind'")
    if entity.children or entity.parent:
        pairs.append(f"'polymorphic_identity': '{entity.lower}'")
    return ", ".join(pairs)


def _keys(schema: Schema, entity: Entity) -> list[str]:
    lines = []
    if not entity.single:
        refers = f"ForeignKey('{entity.parent.lower}.id'), " if entity.parent else ""
        lines.append(
            {
                "annotated": f"id: Mapped[int] = mapped_column({refers}primary_key=True)",
                "classic": f"id = Column({refers or 'Integer, '}primary_key=True)",
                "dataclass": "id: Mapped[int] = mapped_column(primary_key=True, init=False)",
                "sqlmodel": "id: Optional[int] = Field(default=None, primary_key=True)",
            }[schema.style]
        )
    if entity.children:
        lines.append(_column(schema, entity, Column("kind", "str")))
    if entity.parent is None:
        lines.append(
            {
                "annotated": "name: Mapped[str] = mapped_column(String(80))",
                "classic": "name = Column(String(80))",
                "dataclass": "name: Mapped[str]",
                "sqlmodel": "name: str",
            }[schema.style]
        )
    for target in entity.foreign_keys:
        key, column = f"{target.lower}_id", f"'{_table(target)}.id'"
        lines.append(
            {
                "annotated": f"{key}: Mapped[Optional[int]] = mapped_column(ForeignKey({column}))",
                "classic": f"{key} = Column(Integer, ForeignKey({column}))",
                "dataclass": f"{key}: Mapped[Optional[int]] = mapped_column(ForeignKey({column}), init=False)",
                "sqlmodel": f"{key}: Optional[int] = Field(default=None, foreign_key={column})",
            }[schema.style]
        )
    return lines


def _column(schema: Schema, entity: Entity, column: Column) -> str:
    given = dict(column.arguments)
    match schema.style:
        case "classic":
            group = f", group={given.pop('deferred_group')}" if "deferred_group" in given else ""
            late = given.pop("deferred", "")
            made = f"Column({', '.join([_TYPES[column.type], *_keywords(given)])})"
            return f"{column.name} = {f'deferred({made}{group})' if late else made}"
        case "sqlmodel":
            pairs = ", ".join(f"'{name}': {value}" for name, value in given.items())
            return f"{column.name}: Optional[{column.type}] = Field(default=None, sa_column_kwargs={{{pairs}}})"
        case "dataclass":
            given.setdefault("default", "None")
    arguments = ", ".join(_keywords(given))
    return f"{column.name}: Mapped[Optional[{column.type}]] = mapped_column({arguments})"


def _keywords(given: dict[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in given.items()]


def _relation(schema: Schema, entity: Entity, relation: Relation) -> str:
    target = relation.target.name
    given = {"back_populates": f"'{relation.other}'"} if relation.other and not relation.backref else {}
    if relation.backref:
        given["backref"] = f"'{relation.other}'"
    if relation.lazy != "select":
        given["lazy"] = f"'{relation.lazy}'"
    scalar = not relation.collection and entity in relation.target.foreign_keys
    if relation.secondary and schema.style != "sqlmodel":
        given["secondary"] = relation.secondary
    match schema.style:
        case "classic":
            if scalar:
                given["uselist"] = "False"
            return f"{relation.name} = relationship('{target}', {', '.join(_keywords(given))})"
        case "sqlmodel":
            kwargs = {name: given.pop(name) for name in ("lazy",) if name in given}
            if scalar:
                kwargs["uselist"] = "False"
            if kwargs:
                given["sa_relationship_kwargs"] = (
                    "{" + ", ".join(f"'{key}': {text}" for key, text in kwargs.items()) + "}"
                )
            if relation.secondary:
                given["link_model"] = _link(relation.secondary)
            kind = f"list['{target}']" if relation.collection else f"Optional['{target}']"
            return f"{relation.name}: {kind} = Relationship({', '.join(_keywords(given))})"
        case "dataclass":
            given |= {"default_factory": "list"} if relation.collection else {"default": "None"}
    if relation.lazy == "dynamic":
        del given["lazy"]
        return f"{relation.name}: DynamicMapped['{target}'] = relationship({', '.join(_keywords(given))})"
    kind = f"list['{target}']" if relation.collection else f"Optional['{target}']"
    return f"{relation.name}: Mapped[{kind}] = relationship({', '.join(_keywords(given))})"
