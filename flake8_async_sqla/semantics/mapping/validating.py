"""Methods that SQLAlchemy calls when an attribute is set: ``@validates("email")``."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from flake8_async_sqla.semantics.inference.classes import lineage
from flake8_async_sqla.semantics.types import External, Function, ProjectClass

_VALIDATES = External("sqlalchemy.orm.validates")


def validators(cls: ProjectClass) -> Mapping[str, Function]:
    """Return the validators of a mapped class, by the attributes that they look at."""
    return cls.module.cached(("validators", cls.node), lambda: dict(_found(cls)))


def _found(cls: ProjectClass) -> list[tuple[str, Function]]:
    found: list[tuple[str, Function]] = []
    for item in reversed(lineage(cls)):
        if not isinstance(item, ProjectClass) or "validates" not in item.module.text:
            continue
        for statement in [part for part in item.node.body if isinstance(part, ast.FunctionDef)]:
            for decorator in statement.decorator_list:
                if isinstance(decorator, ast.Call) and item.module.type_of(decorator.func) == _VALIDATES:
                    names = [name.value for name in decorator.args if isinstance(name, ast.Constant)]
                    found += [(str(name), Function(item.module, statement)) for name in names]
    return found
