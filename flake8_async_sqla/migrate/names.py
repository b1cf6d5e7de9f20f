"""Names that nothing else uses."""

from __future__ import annotations

import ast
import itertools

from flake8_async_sqla.semantics.module import Module


def free_name(module: Module, node: ast.AST, wanted: str) -> str:
    """Return a name that no scope around a node binds.

    Args:
        module: The module.
        node: Where the name is going to be used.
        wanted: The name to prefer.
    """
    bound: set[str] = set()
    scope = module.scope_of(node)
    while scope is not None:
        bound.update(scope.names, scope.loads)
        if scope.parent is None:
            break
        scope = scope.parent
    candidates = itertools.chain([wanted], (f"{wanted}_{number}" for number in itertools.count(2)))
    return next(name for name in candidates if name not in bound)
