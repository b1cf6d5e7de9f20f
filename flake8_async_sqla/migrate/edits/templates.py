"""Pieces of new code that several edits need."""

from __future__ import annotations

import ast


def argument_template(call: ast.Call, without: ast.expr | None = None) -> tuple[str, dict[str, ast.AST]]:
    """Return the template of a call's arguments, and its nodes.

    Args:
        call: The call.
        without: An argument to leave out.
    """
    parts: list[str] = []
    nodes: dict[str, ast.AST] = {}
    for value in call.args:
        if value is not without:
            parts.append(f"{{a{len(parts)}}}")
            nodes[f"a{len(parts) - 1}"] = value
    for keyword in call.keywords:
        if keyword.value is not without:
            name = f"a{len(parts)}"
            parts.append(f"{keyword.arg}={{{name}}}" if keyword.arg else f"**{{{name}}}")
            nodes[name] = keyword.value
    return ", ".join(parts), nodes
