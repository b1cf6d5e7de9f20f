"""The fix that enters a session generator where its result was taken for a session."""

from __future__ import annotations

import ast

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceStatement, WrapStatements, unsafe
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.blocks import following
from flake8_async_sqla.semantics.types import Generator

_HELPER = {True: ("async with", "contextlib.asynccontextmanager"), False: ("with", "contextlib.contextmanager")}


def enter_where_assigned(
    module: Module, call: ast.Call, generator: Generator, value: ast.expr | None = None
) -> Fix | Refusal:
    """Put the rest of a block under ``async with asynccontextmanager(get_db)() as db:``.

    Args:
        module: The module of the call.
        call: The call that makes the generator.
        generator: Its type.
        value: What is assigned, where that is more than the call.
    """
    statement = module.parent(value or call)
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return Refusal("the generator is not simply assigned to a name")
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    function = module.function(call)
    if len(targets) != 1 or not isinstance(targets[0], ast.Name) or function is None:
        return Refusal("the generator is not simply assigned to a local name")
    if generator.is_async and not isinstance(function, ast.AsyncFunctionDef):
        return Refusal("the function is not asynchronous")
    rest = following(module, statement)
    if not rest:
        return Refusal("nothing follows in the block")
    if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in module.index.scopes[function].nodes):
        return Refusal("the function is a generator itself")
    keyword, helper = _HELPER[generator.is_async]
    if call.args or call.keywords:
        return Refusal("the call has arguments")
    header = f"{keyword} {{manager}}({ast.unparse(call.func)})() as {targets[0].id}:"
    return unsafe(
        "the rest of the block runs inside the generator's context, and what stands after its yield at the end",
        ReplaceStatement(statement, Code("")),
        WrapStatements(rest[0], rest[-1], Code(header, symbols={"manager": helper})),
    )
