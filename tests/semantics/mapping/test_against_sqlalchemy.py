"""What the analysis says of mapped classes is what SQLAlchemy's own mappers say."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from flake8_async_sqla.semantics.mapping.classes import mapped_class
from flake8_async_sqla.semantics.mapping.model import MappedClass
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import ProjectClass
from tests.semantics.mapping.programs import NEEDS_2, PROGRAMS
from tests.semantics.revealing import load
from tests.sqlalchemy_versions import run, supported

INSPECT = """
import json
from sqlalchemy import inspect
from sqlalchemy.orm import ColumnProperty, configure_mappers, class_mapper
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.schema import Column

LAZY = {True: "select", False: "joined", None: "noload"}


def server(column, at):
    given = getattr(column, "server_" + ("default" if at == "default" else "onupdate"))
    own = getattr(column, at)
    generated = column.computed is not None or (at == "default" and column.identity is not None)
    return generated or given is not None or bool(own is not None and (own.is_clause_element or own.is_sequence))


def described(column):
    return {
        "primary_key": column.primary_key,
        "foreign_key": bool(column.foreign_keys),
        "server_default": server(column, "default"),
        "server_onupdate": server(column, "onupdate"),
    }


def columns(mapper):
    found = {}
    for prop in mapper.column_attrs:
        column = prop.columns[0]
        if not isinstance(column, Column):
            found[prop.key] = "column_property"
            continue
        found[prop.key] = {
            "deferred": prop.deferred,
            "group": prop.group or "",
            "raiseload": bool(prop.raiseload),
            **described(column),
        }
    return found


def mapped(cls):
    mapper = class_mapper(cls)
    inheritance = "concrete" if mapper.concrete else "single" if mapper.single else "joined"
    return {
        "columns": columns(mapper),
        "relationships": {
            prop.key: {
                "target": prop.mapper.class_.__name__,
                "uselist": bool(prop.uselist),
                "many_to_one": prop.direction.name == "MANYTOONE",
                "lazy": LAZY.get(prop.lazy, prop.lazy),
            }
            for prop in mapper.relationships
        },
        "synonyms": sorted(mapper.synonyms.keys()),
        "composites": sorted(mapper.composites.keys()),
        "extensions": sorted(
            key for key, value in mapper.all_orm_descriptors.items() if value.extension_type.name != "NOT_EXTENSION"
            and value.extension_type.name != "HYBRID_METHOD" and not key.startswith("_")
        ),
        "parent": mapper.inherits.class_.__name__ if mapper.inherits is not None else None,
        "inheritance": inheritance if mapper.inherits is not None else None,
        "loads_subclasses": mapper.with_polymorphic is not None,
        "polymorphic_load": mapper.polymorphic_load is not None,
        "discriminator": mapper.get_property_by_column(mapper.polymorphic_on).key
        if mapper.polymorphic_on is not None and not mapper.concrete else "",
        "eager_defaults": mapper.eager_defaults,
        "async_attrs": hasattr(cls, "awaitable_attrs"),
    }


configure_mappers()
found = [value for value in list(globals().values()) if isinstance(value, type)]
found = [value for value in found if inspect(value, raiseerr=False) is not None]
print(json.dumps({cls.__name__: mapped(cls) for cls in found}))
"""


def flags(found: MappedClass) -> dict[str, Any]:
    """Say the same of our own mapped class."""
    by_kind: dict[str, list[str]] = {}
    for name, attribute in found.attributes.items():
        by_kind.setdefault(attribute.kind, []).append(name)
    columns: dict[str, Any] = {
        name: {
            key: getattr(found.attributes[name], key)
            for key in (
                "deferred", "group", "raiseload", "primary_key", "foreign_key", "server_default", "server_onupdate",
            )
        }
        for name in by_kind.get("column", [])
    }  # fmt: skip
    return {
        "columns": columns | dict.fromkeys(by_kind.get("column_property", []), "column_property"),
        "relationships": {
            name: {
                "target": made.target.node.name if (made := found.attributes[name]).target is not None else None,
                "uselist": made.uselist,
                "many_to_one": made.many_to_one,
                "lazy": made.lazy,
            }
            for name in by_kind.get("relationship", [])
        },
        "synonyms": sorted(by_kind.get("synonym", [])),
        "composites": sorted(by_kind.get("composite", [])),
        "extensions": sorted(by_kind.get("hybrid", []) + by_kind.get("association_proxy", [])),
        "parent": found.parent.node.name if found.parent is not None else None,
        "inheritance": found.inheritance,
        "loads_subclasses": found.loads_subclasses,
        "polymorphic_load": found.polymorphic_load,
        "discriminator": found.discriminator,
        "eager_defaults": found.eager_defaults,
        "async_attrs": found.async_attrs,
    }


def ours(module: Module) -> dict[str, Any]:
    """Describe all mapped classes of a module, imported ones included."""
    found: dict[str, Any] = {}
    for name, bindings in module.index.top.names.items():
        kind = module.type_of(ast.copy_location(ast.Name(name, ast.Load()), bindings[-1].node))
        if bindings[-1].kind == "class":
            assert isinstance(bindings[-1].node, ast.ClassDef)
            kind = ProjectClass(module, bindings[-1].node)
        mapped = mapped_class(kind) if isinstance(kind, ProjectClass) else None
        if mapped is not None:
            found[name] = flags(mapped)
    return found


RUNS = [(name, series) for series in supported() for name in PROGRAMS if series != "1.4" or name not in NEEDS_2]


@pytest.mark.parametrize(("name", "series"), RUNS)
def test_mapped_classes_are_what_sqlalchemy_maps(name: str, series: str, tmp_path: Path) -> None:
    source = PROGRAMS[name]
    done = run(series, f"{source}\n{INSPECT}")
    assert done.returncode == 0, done.stderr
    real = json.loads(done.stdout)
    said = ours(load(tmp_path, {"app.py": source}))
    if series == "1.4":
        for cls in (*real.values(), *said.values()):
            del cls["eager_defaults"]  # the default of 1.4 is another one
    assert said == real
