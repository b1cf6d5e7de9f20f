"""Pieces of the fixes of this family."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.module import Module


def given(call: ast.Call, without: ast.expr, instead: str = "") -> tuple[list[str], dict[str, ast.AST]]:
    """Write the arguments of a call as a template.

    Args:
        call: The call.
        without: The argument to leave out.
        instead: What to write in its place.

    Returns:
        The arguments, with placeholders, and the nodes of the placeholders.
    """
    arguments: list[str] = []
    nodes: dict[str, ast.AST] = {}
    pairs = [("", value) for value in call.args] + [(keyword.arg, keyword.value) for keyword in call.keywords]
    for number, (name, value) in enumerate(pairs):
        prefix = "**" if name is None else f"{name}=" if name else ""
        if value is without:
            arguments.extend([f"{prefix}{instead}"] if instead else [])
            continue
        if isinstance(value, ast.Starred):
            prefix, value = "*", value.value
        nodes[f"given{number}"] = value
        arguments.append(f"{prefix}{{given{number}}}")
    return arguments, nodes


def statement_around(module: Module, node: ast.expr) -> ast.Expr | None:
    """Return the statement that consists of an expression alone."""
    parent = module.parent(node)
    return parent if isinstance(parent, ast.Expr) else None


def free_name(module: Module, node: ast.AST, *candidates: str) -> str:
    """Return the first name that nothing has where a node stands; empty if all are taken."""
    scope = module.scope_of(node)
    return next((name for name in candidates if scope.lookup(name) is None), "")
