"""What goes wrong with transactions in the functions of a module."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.transactions import inlining, promising, providers, wrappers
from flake8_async_sqla.semantics.transactions.walk import Frame, Walk
from flake8_async_sqla.semantics.types import Function, FunctionNode, ProjectClass, ProjectInstance


def walks(module: Module) -> list[Walk]:
    """Look at each function of a module that uses a session or connection."""
    return module.cached("transactions", lambda: _walks(module))


def _walks(module: Module) -> list[Walk]:
    nodes = [node for node in module.index.scopes if isinstance(node, ast.AsyncFunctionDef)]
    return [walked(module, node) for node in nodes if _matters(Function(module, node))]


def walked(module: Module, node: FunctionNode) -> Walk:
    """Look at one function."""
    walk = Walk(module)
    function = Function(module, node, _receiver(module, node))
    try:
        if providers.is_endpoint(function):
            providers.run(walk, function)
        elif (around := wrappers.wrapper(function)) is not None:
            wrappers.run(walk, function, around)
        else:
            inlining.run(walk, Frame(function), {})
    except RecursionError:  # hostile nesting: nothing is known
        return Walk(module)
    return walk


def _receiver(module: Module, node: FunctionNode) -> ProjectInstance | None:
    owner = module.parent(node)
    return ProjectInstance(ProjectClass(module, owner)) if isinstance(owner, ast.ClassDef) else None


def _matters(function: Function) -> bool:
    if promising.worth_walking(function):
        return True
    called = providers.is_endpoint(function) or wrappers.wrapper(function) is not None
    return called and inlining.touches(function)
