"""``yield from``, which no asynchronous generator has: a loop that yields what comes."""

from __future__ import annotations

import ast

from flake8_async_sqla.fixes.vocabulary import Code, ReplaceStatement
from flake8_async_sqla.migrate.colouring.colour import Colouring
from flake8_async_sqla.migrate.edits.streaming import stream_method
from flake8_async_sqla.migrate.edits.templates import argument_template
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.model import Plan
from flake8_async_sqla.migrate.names import free_name
from flake8_async_sqla.semantics.inference.functions import is_generator, own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Function


def handed_on(module: Module, value: ast.expr) -> ast.Expr | None:
    """Return the statement that hands on what a value gives: ``yield from value``, without a use of its result.

    Args:
        module: The module.
        value: The value.
    """
    outer = module.parent(value)
    statement = module.parent(outer) if isinstance(outer, ast.YieldFrom) else None
    return statement if isinstance(statement, ast.Expr) else None


def handing_edits(kinds: Kinds, colouring: Colouring, module: Module, node: ast.YieldFrom, plan: Plan) -> None:
    """Plan one ``yield from`` of a generator that becomes asynchronous.

    Args:
        kinds: Types.
        colouring: What is coloured.
        module: The module.
        node: The expression.
        plan: Where the edits go.
    """
    value, statement = node.value, handed_on(module, node.value)
    operations = {found.node: found for found in colouring.operations if found.action == "await"}
    called = {call for _, call, _ in colouring.calls}
    inside = {part for part in ast.walk(value) if part in operations or part in called} - {value}
    maker = kinds.called(module, value) if isinstance(value, ast.Call) else None
    if statement is None or inside or (maker is not None and _finishes(maker)):
        what = "'yield from' cannot stand in an asynchronous generator"
        if maker is not None and value in called:
            what = f"{maker.node.name}() becomes an asynchronous generator and is not iterated here"
        plan.refuse(module, node, what)
        return
    loop, given = "for", "{value}"
    nodes: dict[str, ast.AST] = {"value": value}
    if maker is not None and value in called and is_generator(maker.module, maker.node):
        loop = "async for"
    elif value in called:
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


def _finishes(function: Function) -> bool:
    """Tell whether a generator does something when it is left in the middle, which no loop over it would let it do."""
    return any(
        isinstance(outer, (ast.With, ast.AsyncWith, ast.Try)) and function.module.function(outer) is function.node
        for node in own_nodes(function.module, function.node, ast.Yield, ast.YieldFrom)
        for outer in function.module.ancestors(node)
    )
