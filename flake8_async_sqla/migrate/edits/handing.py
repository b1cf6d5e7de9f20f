"""``yield from``, which no asynchronous generator has: a loop that yields what comes."""

from __future__ import annotations

import ast

from flake8_async_sqla.fixes.vocabulary import Code, ReplaceStatement
from flake8_async_sqla.migrate.colouring.colour import Colouring
from flake8_async_sqla.migrate.edits.streaming import stream_method
from flake8_async_sqla.migrate.edits.templates import argument_template
from flake8_async_sqla.migrate.model import Plan
from flake8_async_sqla.migrate.names import free_name
from flake8_async_sqla.semantics.inference.functions import is_generator
from flake8_async_sqla.semantics.module import Module


def handed_on(module: Module, value: ast.expr) -> ast.Expr | None:
    """Return the statement that hands on what a value gives: ``yield from value``, without a use of its result.

    Args:
        module: The module.
        value: The value.
    """
    outer = module.parent(value)
    statement = module.parent(outer) if isinstance(outer, ast.YieldFrom) else None
    return statement if isinstance(statement, ast.Expr) else None


def handing_edits(colouring: Colouring, module: Module, node: ast.YieldFrom, plan: Plan) -> None:
    """Plan one ``yield from`` of a generator that becomes asynchronous.

    Args:
        colouring: What is coloured.
        module: The module.
        node: The expression.
        plan: Where the edits go.
    """
    value, statement = node.value, handed_on(module, node.value)
    operations = {found.node: found for found in colouring.operations if found.action == "await"}
    called = {call: function for _, call, function in colouring.calls}
    inside = {part for part in ast.walk(value) if part in operations or part in called} - {value}
    if statement is None or inside:
        plan.refuse(module, node, "'yield from' cannot stand in an asynchronous generator")
        return
    loop, given = "for", "{value}"
    nodes: dict[str, ast.AST] = {"value": value}
    function = called.get(value) if isinstance(value, ast.Call) else None
    if function is not None and is_generator(function.module, function.node):
        loop = "async for"
    elif function is not None:
        given = "await {value}"
    elif isinstance(value, ast.Call) and value in operations:
        given = "await {value}"
        method = stream_method(operations[value], value)
        if method and isinstance(value.func, ast.Attribute):
            arguments, nodes = argument_template(value)
            loop, given = "async for", f"await {{holder}}.{method}({arguments})"
            nodes |= {"holder": value.func.value}
    item = free_name(module, node, "item")
    plan.edit(module, ReplaceStatement(statement, Code(f"{loop} {item} in {given}:\n    yield {item}", nodes)))
