"""Parts of a function that a call turns off by a flag: ``Store(url, async_mode=True)``."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.inference.frames import pairs
from flake8_async_sqla.semantics.inference.narrowing import conditions
from flake8_async_sqla.semantics.names.binders import parameters
from flake8_async_sqla.semantics.types import Function


def switched_off(function: Function, call: ast.Call, node: ast.AST) -> bool:
    """Tell whether the flags that a call gives keep a function from getting to a node in it.

    Args:
        function: The function called.
        call: The call.
        node: A node in the function.
    """
    tests = list(conditions(function.module, node))
    flags = _flags(function, call) if tests else {}
    return bool(flags) and any(_denied(test, holds, flags) for test, holds in tests)


def _flags(function: Function, call: ast.Call) -> dict[str, bool]:
    """List the parameters that a call sets to true or false, those aside that another name may set."""
    values: dict[str, ast.expr | None] = {found.arg: default for found, default in parameters(function.node.args)}
    hidden = any(isinstance(item, ast.Starred) for item in call.args) or any(not item.arg for item in call.keywords)
    values = {} if hidden else values
    values.update(pairs(function, call))
    return {
        name: value.value
        for name, value in values.items()
        if isinstance(value, ast.Constant) and isinstance(value.value, bool)
    }


def _denied(test: ast.expr, holds: bool, flags: dict[str, bool]) -> bool:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _denied(test.operand, not holds, flags)
    if isinstance(test, ast.BoolOp):
        return isinstance(test.op, ast.And) is holds and any(_denied(part, holds, flags) for part in test.values)
    name = test.id if isinstance(test, ast.Name) else test.attr.lstrip("_") if isinstance(test, ast.Attribute) else ""
    return flags.get(name, holds) is not holds
