"""Code that stays synchronous for good: event listeners, ``run_sync`` callbacks, and Alembic's own modules."""

from __future__ import annotations

import ast
from collections.abc import Collection

from flake8_async_sqla.migrate.colouring.operations import is_event
from flake8_async_sqla.migrate.colouring.references import Reference
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.project import Sources
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import FunctionNode

_ALEMBIC = ("alembic:context", "alembic:op", "alembic.context", "alembic.op")


class StaysSync:
    """The functions and modules that stay as they are."""

    def __init__(self, functions: frozenset[FunctionNode], modules: frozenset[Module]) -> None:
        """Take what stays."""
        self._functions = functions
        self._modules = modules

    def including(self, functions: Collection[FunctionNode]) -> StaysSync:
        """Return the same with more functions."""
        return StaysSync(self._functions | frozenset(functions), self._modules)

    def is_module(self, module: Module) -> bool:
        """Tell whether a whole module stays."""
        return module in self._modules

    def holds(self, module: Module, node: ast.AST) -> bool:
        """Tell whether a node belongs to what stays."""
        return module in self._modules or any(part in self._functions for part in (node, *module.ancestors(node)))


def stays_sync(kinds: Kinds, sources: Sources, named: dict[FunctionNode, list[Reference]]) -> StaysSync:
    """Find what stays synchronous."""
    functions = {node for node, places in named.items() if any(place.use == "sync" for place in places)}
    for function in sources.functions():
        module, node = function.module, function.node
        if any(is_event(kinds, module, decorator) for decorator in node.decorator_list):
            functions.add(node)
    modules = frozenset(module for module in sources.modules if _is_alembic(module))
    return StaysSync(frozenset(functions), modules)


def _is_alembic(module: Module) -> bool:
    bindings = [binding for found in module.index.top.names.values() for binding in found]
    return any(binding.kind == "import" and binding.target in _ALEMBIC for binding in bindings)
