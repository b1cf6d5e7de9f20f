"""Adding an await: whether the place allows one, and what to advise where it does not."""

from __future__ import annotations

import ast

from flake8_async_sqla.fixes.vocabulary import AddAwait, Fix, Refusal, safe
from flake8_async_sqla.semantics.awaiting.misuse import Misuse
from flake8_async_sqla.semantics.module import Module


def may_await(module: Module, node: ast.AST) -> bool:
    """Tell whether ``await`` may stand where a node stands."""
    return isinstance(module.function(node), ast.AsyncFunctionDef) and not _in_generator_expression(module, node)


def _in_generator_expression(module: Module, node: ast.AST) -> bool:
    return isinstance(module.scope_of(node).node, ast.GeneratorExp)


def add_await(module: Module, node: ast.expr) -> Fix | Refusal:
    """Await an expression."""
    if (refused := no_await(module, node)) is not None:
        return refused
    return safe(AddAwait(node))


def no_await(module: Module, node: ast.AST) -> Refusal | None:
    """Say why no ``await`` can be added at a node."""
    if may_await(module, node):
        return None
    function = module.function(node)
    if function is None:
        return Refusal("there is no function around it")
    if isinstance(function, ast.FunctionDef):
        return Refusal(f"'{function.name}' is not asynchronous, and its callers would have to await it")
    return Refusal("an await would make the generator expression asynchronous")


def advice(module: Module, node: ast.AST) -> str:
    """Say how to get the result."""
    function = module.function(node)
    if isinstance(function, ast.FunctionDef):
        if _runs_in_run_sync(module, function):
            return f"use the sync object that run_sync() passes to '{function.name}'"
        return f"make '{function.name}' an 'async def' and await it"
    return "await it"


def described(found: Misuse, node: ast.expr) -> str:
    """Describe a misuse, with its line where that is another one."""
    line = getattr(found.at, "lineno", None)
    if isinstance(found.at, ast.comprehension):
        line = found.at.iter.lineno
    place = f" (line {line})" if line is not None and not node.lineno <= line <= (node.end_lineno or line) else ""
    return f"{found.error}{place}"


def _runs_in_run_sync(module: Module, function: ast.FunctionDef) -> bool:
    uses = module.reads(function.name)
    calls = (module.parent(use) for use in uses)
    return any(
        isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "run_sync"
        for call in calls
    )
