"""Statements and those that stand around them."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.module import Module


def following(module: Module, statement: ast.stmt) -> list[ast.stmt]:
    """List the statements that stand behind another one in its block."""
    parent = module.parent(statement)
    for name in ("body", "orelse", "finalbody"):
        block = getattr(parent, name, None)
        if isinstance(block, list) and statement in block:
            return block[block.index(statement) + 1 :]
    return []
