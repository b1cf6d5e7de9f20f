"""How a schema is configured: ``model_config``, ``class Config`` and keywords of the class."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.types import ProjectClass

Config: TypeAlias = Mapping[str, object]

UNSEEN = object()
_DICTIONARIES = frozenset(
    {"pydantic.ConfigDict", "pydantic.config.ConfigDict", "sqlmodel.main.SQLModelConfig", "builtins.dict"}
)


def own_config(cls: ProjectClass) -> Config | None:
    """Read what a class adds to the configuration of its bases; ``None`` if it cannot be seen.

    Args:
        cls: The class.

    Returns:
        Values by name: constants as they are, `UNSEEN` for others.
    """
    pairs: dict[str, object] = {}
    for statement in cls.node.body:
        if isinstance(statement, ast.ClassDef) and statement.name == "Config":
            pairs.update(_constants(_assigned(statement)))
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)) and "model_config" in _names(statement):
            found = _dictionary(cls.module, statement.value)
            if found is None:
                return None
            pairs.update(_constants(found))
    if any(keyword.arg is None for keyword in cls.node.keywords):
        return None
    pairs.update(_constants((keyword.arg or "", keyword.value) for keyword in cls.node.keywords))
    return pairs


def _names(statement: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _assigned(body: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    for statement in body.body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
            for name in _names(statement):
                yield name, statement.value


def _dictionary(module: Module, value: ast.expr | None) -> list[tuple[str, ast.expr]] | None:
    """List the items of a dictionary that is written down; ``None`` if it is not, or holds what is not."""
    if isinstance(value, ast.Name):
        module, binding = definition(module, value, module.scope_of(value))
        value = binding.value if binding is not None else None
    if isinstance(value, ast.Call) and not value.args and callee(module, value) in _DICTIONARIES:
        pairs = [(keyword.arg, keyword.value) for keyword in value.keywords]
    elif isinstance(value, ast.Dict):
        keys = [key.value if isinstance(key, ast.Constant) else None for key in value.keys]
        pairs = [(key if isinstance(key, str) else None, item) for key, item in zip(keys, value.values, strict=True)]
    else:
        return None
    return None if any(name is None for name, _ in pairs) else [(name or "", item) for name, item in pairs]


def _constants(pairs: Iterable[tuple[str, ast.expr]]) -> Iterator[tuple[str, object]]:
    for name, value in pairs:
        yield name, value.value if isinstance(value, ast.Constant) else UNSEEN
