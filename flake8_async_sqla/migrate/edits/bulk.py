"""Bulk updates and deletes that leave the session's objects alone: a commit no longer makes them load again."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.fixes.vocabulary import Code, ReplaceExpression
from flake8_async_sqla.migrate.colouring.colour import Colouring
from flake8_async_sqla.migrate.model import Plan, remark
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import FunctionNode

_OPTION = "synchronize_session"


def bulk_edits(colouring: Colouring, plan: Plan) -> None:
    """Plan the statements of coloured functions, whose sessions keep what they hold after a commit."""
    for function, _ in colouring.coloured.values():
        module = function.module
        found = "fetch" if "1.4" in module.project.settings.targets else "auto"
        for value in _switched_off(module, function.node):
            plan.edit(module, ReplaceExpression(value, Code(f'"{found}"')))
            text = f"{_OPTION}={found!r}: no commit lets the session's objects load the new values any more"
            plan.changes.append(remark(module, value, text))


def _switched_off(module: Module, function: FunctionNode) -> Iterator[ast.expr]:
    for call in own_nodes(module, function, ast.Call):
        assert isinstance(call, ast.Call)
        for keyword in call.keywords:
            given = keyword.value
            pairs = [(keyword.arg, given)]
            if isinstance(given, ast.Dict):
                pairs = [
                    (str(key.value), value)
                    for key, value in zip(given.keys, given.values, strict=True)
                    if isinstance(key, ast.Constant)
                ]
            for name, value in pairs:
                if name == _OPTION and isinstance(value, ast.Constant) and value.value is False:
                    yield value
