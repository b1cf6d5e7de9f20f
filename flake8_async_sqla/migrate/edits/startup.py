"""Tables that are created when a module is imported: the application creates them when it starts."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import NamedTuple

from flake8_async_sqla.fixes.vocabulary import AddKeyword, Code, InsertAfter, InsertBefore, ReplaceStatement
from flake8_async_sqla.migrate.colouring.colour import Colouring
from flake8_async_sqla.migrate.colouring.operations import Operation
from flake8_async_sqla.migrate.components import import_name, imports
from flake8_async_sqla.migrate.edits.operations import schema_call
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.model import Plan, remark
from flake8_async_sqla.migrate.names import free_name
from flake8_async_sqla.migrate.project import Sources, nodes
from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.functions import is_generator
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Function

_FASTAPI = "fastapi.FastAPI"


class _Application(NamedTuple):
    module: Module
    statement: ast.Assign
    call: ast.Call


def startup_edits(kinds: Kinds, sources: Sources, colouring: Colouring, plan: Plan) -> None:
    """Plan the schema operations that run at import."""
    moved: dict[_Application, list[Operation]] = {}
    found = [item for module in sources.modules if not is_test(module) for item in _applications(kinds, module)]
    for operation in colouring.imported:
        module, call = operation.module, operation.node
        if is_test(module):
            continue
        own = [item for item in found if item.module == module] or found
        if operation.action == "start":
            own = [item for item in own if module in _reached(item.module)]
        statement = module.parent(call)
        alone = isinstance(statement, ast.Expr) and module.parent(statement) is module.tree
        if len(own) == 1 and alone and (own[0].module == module or _import_name(module, own[0].module)):
            moved.setdefault(own[0], []).append(operation)
        else:
            plan.refuse(module, call, f"{operation.name} runs at import; call it when the application starts")
    for application, operations in moved.items():
        _start(kinds, application, _moved(application.module, operations, plan), plan)


def _applications(kinds: Kinds, module: Module) -> list[_Application]:
    return [
        _Application(module, node, node.value)
        for node in nodes(module, ast.Assign)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and is_a(kinds.of(module, node.value), _FASTAPI)
    ]


def _import_name(module: Module, importing: Module) -> str:
    """Return the name by which another module can import a module; empty if it cannot."""
    return "" if importing in _reached(module) else import_name(module, importing)


def _reached(module: Module) -> set[Module]:
    """Return a module and all that its import imports."""
    seen, waiting = {module}, [module]
    while waiting:
        more = set(imports(waiting.pop())) - seen
        seen |= more
        waiting.extend(more)
    return seen


def _moved(target: Module, operations: Sequence[Operation], plan: Plan) -> Code:
    """Take operations out of the code that runs at import, and return what an application does instead."""
    lines: list[str] = []
    held: dict[str, ast.AST] = {}
    symbols: dict[str, str] = {}
    for number, operation in enumerate(operations):
        module, call = operation.module, operation.node
        assert isinstance(call, ast.Call)
        statement = module.parent(call)
        assert isinstance(statement, ast.Expr)
        template, values = schema_call(operation, call, free_name(module, call, "connection"))
        if module == target:
            for name, value in values.items():
                template = template.replace(f"{{{name}}}", f"{{{name}{number}}}")
                held[f"{name}{number}"] = value
            plan.edit(module, ReplaceStatement(statement, Code("")))
        else:
            name = free_name(module, module.tree, "create_tables")
            body = template.replace("\n", "\n    ")
            plan.edit(module, ReplaceStatement(statement, Code(f"async def {name}():\n    {body}", values)))
            symbols[f"tables{number}"] = f"{_import_name(module, target)}.{name}"
            template = f"await {{tables{number}}}()"
        lines.append(template)
        plan.changes.append(remark(module, call, f"{operation.name} moved from import to the application's start"))
    return Code("\n".join(lines), held, symbols)


def _start(kinds: Kinds, application: _Application, code: Code, plan: Plan) -> None:
    """Have an application do something when it starts."""
    module, statement, call = application
    body = code.template.replace("\n", "\n    ")
    lifespan = argument(call, "lifespan")
    found = kinds.of(module, lifespan) if lifespan is not None else None
    target = statement.targets[0]
    if isinstance(found, Function) and found.module == module and is_generator(module, found.node):
        first = found.node.body[0]
        is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        insert = InsertAfter if is_text else InsertBefore
        plan.edit(module, insert(first, code))
    elif lifespan is not None or module.scope_of(statement).kind != "module" or not isinstance(target, ast.Name):
        plan.refuse(module, call, "tables were created at import; create them where this application starts")
    elif _has_startup(module):
        name = free_name(module, call, "create_tables_at_start")
        text = f'@{target.id}.on_event("startup")\nasync def {name}():\n    {body}'
        plan.edit(module, InsertAfter(statement, Code(text, code.nodes, code.symbols)))
    else:
        name = free_name(module, call, "lifespan")
        text = f"@{{manager}}\nasync def {name}(app: {{fastapi}}) -> {{iterator}}[None]:\n    {body}\n    yield"
        symbols = {
            **code.symbols,
            "manager": "contextlib.asynccontextmanager",
            "fastapi": _FASTAPI,
            "iterator": "collections.abc.AsyncIterator",
        }
        plan.edit(module, InsertBefore(statement, Code(text, code.nodes, symbols)))
        plan.edit(module, AddKeyword(call, "lifespan", Code(name)))


def _has_startup(module: Module) -> bool:
    """Tell whether start-up handlers are registered, which FastAPI does not call beside a lifespan."""
    names = ("on_event", "add_event_handler")
    return any(isinstance(node, ast.Attribute) and node.attr in names for node in ast.walk(module.tree))
