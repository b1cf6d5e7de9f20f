"""Which attributes a field of a schema is read from."""

from __future__ import annotations

import ast
from typing import TypeAlias

from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.schemas.config import Config

Path: TypeAlias = tuple[str, ...]

FIELDS = frozenset({"pydantic.Field", "pydantic.fields.Field", "pydantic.v1.Field", "sqlmodel.Field"})
_CHOICES = frozenset({"pydantic.AliasChoices", "pydantic.aliases.AliasChoices"})
_PATHS = frozenset({"pydantic.AliasPath", "pydantic.aliases.AliasPath"})


def paths(module: Module, name: str, declarations: list[ast.Call], config: Config) -> list[Path]:
    """List the attributes, or paths of attributes, that validation reads for a field.

    Where a field may be given by its name as well, the alias is tried first, and the name read only if the object has
    no such attribute. An alias that looks like an attribute hides the name here.

    Args:
        module: The module that declares the field.
        name: The field's name.
        declarations: The calls of ``Field()`` that declare it.
        config: The configuration of the schema.
    """
    by_alias = config.get("validate_by_alias", True)
    by_name = config.get("populate_by_name", config.get("allow_population_by_field_name", False))
    by_name = config.get("validate_by_name", by_name)
    if by_alias is False:
        return [(name,)] if by_name is True else []
    alias = _alias(declarations)
    if by_alias is not True or (alias is not None and _text(alias) is None and not isinstance(alias, ast.Call)):
        return []
    if alias is None:
        generated = config.get("alias_generator") is not None
        return [] if generated and by_name is not True else [(name,)]
    found = _paths(module, alias)
    written = _text(alias)
    if by_name is True and written is not None and written != written.lower():
        found.append((name,))
    return found


def _alias(declarations: list[ast.Call]) -> ast.expr | None:
    for keyword in ("validation_alias", "alias"):
        for call in reversed(declarations):
            found = argument(call, keyword)
            if found is not None and not (isinstance(found, ast.Constant) and found.value is None):
                return found
    return None


def _paths(module: Module, alias: ast.expr) -> list[Path]:
    if (written := _text(alias)) is not None:
        return [(written,)]
    if not isinstance(alias, ast.Call) or not alias.args:
        return []
    function = callee(module, alias)
    if function in _CHOICES:
        return _paths(module, alias.args[0])
    if function not in _PATHS:
        return []
    steps = [item.value for item in alias.args if isinstance(item, ast.Constant)]
    known = len(steps) == len(alias.args)
    return [tuple(step for step in steps if isinstance(step, str))] if known and isinstance(steps[0], str) else []


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
