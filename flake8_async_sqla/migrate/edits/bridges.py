"""Synchronous code that runs a coroutine in an event loop of its own."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from flake8_async_sqla.fixes.vocabulary import AddDecorator, Code, InsertBefore, ReplaceExpression, ReplaceStatement
from flake8_async_sqla.migrate.colouring.colour import Colouring
from flake8_async_sqla.migrate.colouring.operations import Operation
from flake8_async_sqla.migrate.colouring.roles import in_main_guard
from flake8_async_sqla.migrate.edits.operations import schema_call
from flake8_async_sqla.migrate.model import Plan, remark
from flake8_async_sqla.migrate.names import free_name
from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Function

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_DECORATOR = """\
def {name}(command):
    @{{wraps}}(command)
    def run(*args, **kwargs):
        return {{asyncio}}.run(command(*args, **kwargs))

    return run"""
_ASYNCIO = {"asyncio": "asyncio"}


def bridge_edits(colouring: Colouring, plan: Plan) -> None:
    """Plan the bridges."""
    for call, (module, what) in colouring.bridged.items():
        if isinstance(what, Operation) and what.action == "schema":
            _schema(module, call, what, plan)
        else:
            code = Code("{asyncio}.run({call})", {"call": call}, _ASYNCIO)
            plan.edit(module, ReplaceExpression(call, code))
    for module in dict.fromkeys(command.module for command in colouring.commands):
        _commands(module, [command for command in colouring.commands if command.module == module], plan)
    for operation in colouring.imported:
        assert isinstance(operation.node, ast.Call)
        if is_test(operation.module) and not in_main_guard(operation.module, operation.node):
            _schema(operation.module, operation.node, operation, plan)
            text = f"asyncio.run() runs {operation.name}"
            plan.bridges.append(remark(operation.module, operation.node, text))


def _schema(module: Module, call: ast.Call, operation: Operation, plan: Plan) -> None:
    statement = module.parent(call)
    if not isinstance(statement, ast.Expr):
        plan.refuse(module, call, f"{operation.name} has to be a statement of its own")
        return
    code, nodes = schema_call(operation, call, free_name(module, call, "connection"))
    body = code.replace("\n", "\n    ")
    name = free_name(module, call, "create_tables" if "create" in operation.name else "change_tables")
    text = f"async def {name}():\n    {body}\n\n\n{{asyncio}}.run({name}())"
    plan.edit(module, ReplaceStatement(statement, Code(text, nodes, _ASYNCIO)))


def _commands(module: Module, commands: Sequence[Function], plan: Plan) -> None:
    """Let something synchronous stand for the commands of a module."""
    first = next(statement for statement in module.tree.body if isinstance(statement, _DEFINITIONS))
    name = free_name(module, module.tree, "in_event_loop")
    symbols = {**_ASYNCIO, "wraps": "functools.wraps"}
    plan.edit(module, InsertBefore(first, Code(_DECORATOR.format(name=name), {}, symbols)))
    for command in commands:
        plan.edit(module, AddDecorator(command.node, Code(name)))
