"""The bases of other libraries bring the columns along that the facts say."""

from __future__ import annotations

import json
from typing import Any

from flake8_async_sqla.facts.models import MODELS
from tests.sqlalchemy_versions import packages, run

LIBRARIES = ("advanced-alchemy==1.12.0", "fastapi-users[sqlalchemy]==15.0.5")
PROGRAM = """
import importlib, itertools, json, sys
from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def named(path):
    parts = path.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            found = getattr(found, part, None)
        return found


numbers = itertools.count()


def described(cls):
    class Base(DeclarativeBase):
        pass

    bases = (cls,) if issubclass(cls, DeclarativeBase) else (cls, Base)
    key = {} if "PrimaryKey" in cls.__name__ or "UUID" in cls.__name__ else {"extra": mapped_column(primary_key=True)}
    body = {"__annotations__": dict.fromkeys(key, Mapped[int]), **key}
    if not hasattr(cls, "__tablename__") or "Table" not in cls.__name__:
        body["__tablename__"] = f"t{next(numbers)}"
    mapper = inspect(type(cls.__name__ + "Mapped", bases, body))
    columns = {}
    for prop in mapper.column_attrs:
        column = prop.columns[0]
        made = column.default is not None and not column.default.is_sequence
        columns[prop.key] = [column.primary_key, bool(column.foreign_keys), made]
    columns.pop("extra", None)
    base, attrs = issubclass(cls, DeclarativeBase), issubclass(cls, AsyncAttrs)
    return {"declarative": base, "async_attrs": attrs, "columns": columns}


print(json.dumps({path: described(cls) if (cls := named(path)) is not None else None for path in sys.argv[1:]}))
"""


def facts() -> dict[str, Any]:
    """Say the same of the facts."""
    return {
        path: {
            "declarative": model.declarative,
            "async_attrs": model.async_attrs,
            "columns": {
                column.name: [column.primary_key, bool(column.references), column.default] for column in model.columns
            },
        }
        for path, model in MODELS.items()
    }


def test_bases_bring_their_columns_along() -> None:
    done = run("2.0", PROGRAM, *MODELS, paths=[packages("models", *LIBRARIES)])
    assert done.returncode == 0, done.stderr[-2000:]
    real = {path: found for path, found in json.loads(done.stdout).items() if found is not None}
    places = {path.rpartition(".")[0] for path in MODELS}
    assert {path.rpartition(".")[0] for path in real} == places
    assert {path: found for path, found in facts().items() if path in real} == real
