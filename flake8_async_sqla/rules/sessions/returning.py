"""Sessions that a function returns out of the block that closes them."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from flake8_async_sqla.rules.sessions.closing import Fate, fate
from flake8_async_sqla.rules.sessions.dependents import reads_of_dependent
from flake8_async_sqla.rules.uses import uses
from flake8_async_sqla.semantics.frameworks.callers import uses_of
from flake8_async_sqla.semantics.frameworks.dependencies import depends_argument, is_depends
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import FunctionNode

_KEEPING_OPEN = frozenset({Fate.USED, Fate.IDLE})


def returned_closed(module: Module, block: ast.AsyncWith, name: str) -> ast.expr | None:
    """Find the ``return`` in a block that hands its session to one who works with it and does not end that.

    Args:
        module: The module of the block.
        block: The block.
        name: The name of its session.
    """
    function = module.function(block)
    if function is None or function.decorator_list:
        return None
    for statement in block.body:
        value = statement.value if isinstance(statement, ast.Return) else None
        if isinstance(value, ast.Name) and value.id == name and _is_worked_with(module, function):
            return value
    return None


def _is_worked_with(module: Module, function: FunctionNode) -> bool:
    for place, use in uses_of(module, function):
        call = place.parent(use)
        if not isinstance(call, ast.Call):
            continue
        injected = is_depends(place, call) and depends_argument(call) is use
        reads: Sequence[ast.Name] = reads_of_dependent(place, call) if injected else []
        if call.func is use:
            reads = list(uses(place, call))
        fates = {fate(place, reader, read) for read in reads if (reader := place.function(read)) is not None}
        if Fate.USED in fates and fates <= _KEEPING_OPEN:
            return True
    return False
