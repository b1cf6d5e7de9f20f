"""Validators of a schema that see the object, or an attribute's value, before Pydantic reads it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Literal, TypeAlias

from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.schemas.expression import last
from flake8_async_sqla.semantics.types import External, ProjectClass

_FOR_FIELDS = frozenset({"field_validator", "validator"})
_FOR_MODELS = frozenset({"model_validator", "root_validator"})
_TAKING_OVER = frozenset(
    {
        "__get_pydantic_core_schema__", "__get_validators__", "__new__", "from_orm", "model_validate", "parse_obj",
        "validate",
    }
)  # fmt: skip
Hidden: TypeAlias = "frozenset[str] | Literal['*']"


def hidden_fields(cls: ProjectClass) -> Hidden | None:
    """Name the fields whose value a validator of the class sees before Pydantic.

    Args:
        cls: The schema.

    Returns:
        The names; ``None`` if the class decides about the whole object itself.
    """
    names: set[str] = set()
    for kind, call in _validators(cls):
        if not _sees_input(kind, call):
            continue
        if kind in _FOR_MODELS:
            return None
        named = [item.value for item in call.args if isinstance(item, ast.Constant)]
        if len(named) != len(call.args) or "*" in named:
            return "*"
        names.update(str(name) for name in named)
    if any(getattr(statement, "name", "") in _TAKING_OVER for statement in cls.node.body):
        return None
    return frozenset(names)


def _validators(cls: ProjectClass) -> Iterator[tuple[str, ast.Call]]:
    """Yield the calls that make validators: of decorators, and of ``_strip = field_validator("name")(strip)``."""
    for statement in cls.node.body:
        candidates: list[ast.expr] = list(getattr(statement, "decorator_list", ()))
        value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None
        if isinstance(value, ast.Call):
            candidates.append(value.func)
        for candidate in candidates:
            call = candidate if isinstance(candidate, ast.Call) else ast.Call(candidate, [], [])
            kind = cls.module.type_of(call.func)
            if isinstance(kind, External) and kind.path.startswith("pydantic."):
                yield last(kind.path), call


def _sees_input(kind: str, call: ast.Call) -> bool:
    if kind not in _FOR_FIELDS | _FOR_MODELS:
        return False
    early = argument(call, "mode" if kind.endswith(("field_validator", "model_validator")) else "pre")
    if early is None:
        return kind == "model_validator"
    return not (isinstance(early, ast.Constant) and early.value in ("after", False))
