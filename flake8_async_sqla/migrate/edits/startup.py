"""Tables that are created when a module is imported: the application creates them when it starts."""

from __future__ import annotations

import ast

from flake8_async_sqla.fixes.vocabulary import AddKeyword, Code, InsertBefore, ReplaceStatement
from flake8_async_sqla.migrate.colour import Colouring
from flake8_async_sqla.migrate.edits.operations import schema_call
from flake8_async_sqla.migrate.kinds import Kinds
from flake8_async_sqla.migrate.model import Plan, remark
from flake8_async_sqla.migrate.names import free_name
from flake8_async_sqla.migrate.operations import Operation
from flake8_async_sqla.semantics.calls import argument
from flake8_async_sqla.semantics.classes import is_a
from flake8_async_sqla.semantics.event_loops import is_test
from flake8_async_sqla.semantics.module import Module

_FASTAPI = "fastapi.FastAPI"


def startup_edits(kinds: Kinds, colouring: Colouring, plan: Plan) -> None:
    """Plan the schema operations that run at import."""
    for operation in colouring.imported:
        if not is_test(operation.module):
            _move(kinds, operation, plan)


def _move(kinds: Kinds, operation: Operation, plan: Plan) -> None:
    module, call = operation.module, operation.node
    assert isinstance(call, ast.Call)
    statement, application = module.parent(call), _application(kinds, module)
    if application is None or not isinstance(statement, ast.Expr) or module.parent(statement) is not module.tree:
        plan.refuse(module, call, f"{operation.name} runs at import; call it when the application starts")
        return
    made = application.value
    assert isinstance(made, ast.Call)
    if argument(made, "lifespan") is not None or _has_startup(module):
        plan.refuse(module, call, f"{operation.name} runs at import; call it where the application starts")
        return
    name = free_name(module, call, "lifespan")
    template, nodes = schema_call(operation, call, free_name(module, call, "connection"))
    body = template.replace("\n", "\n    ")
    function = f"@{{manager}}\nasync def {name}(app: {{fastapi}}) -> {{iterator}}[None]:\n    {body}\n    yield"
    symbols = {
        "manager": "contextlib.asynccontextmanager",
        "fastapi": _FASTAPI,
        "iterator": "collections.abc.AsyncIterator",
    }
    code = Code(function, nodes, symbols)
    plan.edit(module, ReplaceStatement(statement, Code("")), InsertBefore(application, code))
    plan.edit(module, AddKeyword(made, "lifespan", Code(name)))
    plan.changes.append(remark(module, call, f"{operation.name} moved from import into the application's lifespan"))


def _application(kinds: Kinds, module: Module) -> ast.Assign | None:
    found = [
        statement
        for statement in module.tree.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Call)
        and is_a(kinds.of(module, statement.value), _FASTAPI)
    ]
    return found[0] if len(found) == 1 else None


def _has_startup(module: Module) -> bool:
    """Tell whether start-up handlers are registered, which FastAPI does not call beside a lifespan."""
    names = ("on_event", "add_event_handler")
    return any(isinstance(node, ast.Attribute) and node.attr in names for node in ast.walk(module.tree))
