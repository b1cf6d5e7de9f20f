"""Validators of pydantic fields, which say what a setting is."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.types import FunctionNode, ProjectClass


def filler_of(cls: ProjectClass, name: str) -> FunctionNode | None:
    """Find the one validator of a pydantic field, which fills it where nothing is configured."""
    found = [
        statement
        for statement in cls.node.body
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef))
        for decorator in statement.decorator_list
        if isinstance(decorator, ast.Call)
        and getattr(decorator.func, "attr", getattr(decorator.func, "id", "")) in ("field_validator", "validator")
        and any(isinstance(item, ast.Constant) and item.value == name for item in decorator.args)
    ]
    return found[0] if len(found) == 1 else None


def validated(cls: ProjectClass, name: str) -> bool:
    """Tell whether a pydantic validator may change a field."""
    for statement in cls.node.body:
        for decorator in getattr(statement, "decorator_list", ()):
            if isinstance(decorator, ast.Call):
                named = {item.value for item in decorator.args if isinstance(item, ast.Constant)}
                if name in named or "*" in named:
                    return True
                decorator = decorator.func
            last = getattr(decorator, "attr", getattr(decorator, "id", ""))
            if last in ("model_validator", "root_validator"):
                return True
    return False
