"""Who calls whom on the way to the database, for the report's picture."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.migrate.colouring.colour import Colouring
from flake8_async_sqla.migrate.colouring.operations import Operation
from flake8_async_sqla.migrate.model import Call, Remark, remark
from flake8_async_sqla.migrate.project import FUNCTIONS, home
from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.scopes import Scope
from flake8_async_sqla.semantics.types import Function


def calls(colouring: Colouring) -> list[Call]:
    """List the calls that lead to the database, each pair of caller and callee once; tests aside."""
    return sorted({*_of_functions(colouring), *_of_operations(colouring), *_bridges(colouring)})


def _of_functions(colouring: Colouring) -> Iterator[Call]:
    for reference, call, function in colouring.calls:
        if call not in colouring.bridged and not is_test(reference.module):
            yield Call(_caller(reference.module, call), _callee(function), "function")


def _of_operations(colouring: Colouring) -> Iterator[Call]:
    for operation in colouring.operations:
        if operation.node not in colouring.bridged and not is_test(operation.module):
            yield _database(operation, "database")


def _bridges(colouring: Colouring) -> Iterator[Call]:
    for call, (module, what) in colouring.bridged.items():
        if is_test(module):
            continue
        if isinstance(what, Operation):
            yield _database(what, "bridge")
        else:
            yield Call(_caller(module, call), _callee(what), "bridge")


def _database(operation: Operation, kind: str) -> Call:
    caller = _caller(operation.module, operation.node)
    return Call(caller, Remark(caller.path, caller.line, operation.name), kind)


def _callee(function: Function) -> Remark:
    return remark(function.module, function.node, _name(function.module.index.scopes[function.node]))


def _caller(module: Module, node: ast.AST) -> Remark:
    scope: Scope | None = home(module, node)
    while scope is not None and not isinstance(scope.node, FUNCTIONS):
        scope = scope.parent
    if scope is None:
        return Remark(module.relative_path, 0, "")
    return remark(module, scope.node, _name(scope))


def _name(scope: Scope) -> str:
    """Name a function as ``Class.method``."""
    names = []
    around: Scope | None = scope
    while around is not None and isinstance(around.node, (*FUNCTIONS, ast.ClassDef)):
        names.append(around.node.name)
        around = around.parent
    return ".".join(reversed(names))
