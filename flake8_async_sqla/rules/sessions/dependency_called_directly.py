"""
# dependency-called-directly

## What it does
Finds the result of calling a session generator in the place of a session: `db = get_db()` with
`await db.execute(...)`, `await get_db()`, `get_db()` given to a parameter that is declared to be a session. Also the
result of a context manager that nobody enters (`db = session_scope()` with `await db.execute(...)`), and a
function with a `Depends(...)` default that is called by hand without that argument.

## Why is this bad?
Only FastAPI runs dependencies. For everybody else `get_db()` is a generator that has not started:
`AttributeError: 'async_generator' object has no attribute 'execute'`. And a parameter that nobody fills holds its
default, the marker: `AttributeError: 'Depends' object has no attribute 'execute'`.

## Example
    from collections.abc import AsyncIterator

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)


    async def get_db() -> AsyncIterator[AsyncSession]:
        async with factory() as session:
            yield session


    async def ping() -> int:
        db = get_db()
        return (await db.execute(text("SELECT 1"))).scalar_one()

## Use instead
    from collections.abc import AsyncIterator
    from contextlib import asynccontextmanager

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)


    async def get_db() -> AsyncIterator[AsyncSession]:
        async with factory() as session:
            yield session


    async def ping() -> int:
        async with asynccontextmanager(get_db)() as db:
            return (await db.execute(text("SELECT 1"))).scalar_one()

## Fix safety
Unsafe: the rest of the block runs inside the generator's context, and what stands after its `yield` (a commit) runs
at the end. Refused where the generator is not simply assigned to a name, and for functions that need an argument.

## References
- [FastAPI: dependencies with yield](https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/)
- [fastapi/fastapi#2331](https://github.com/fastapi/fastapi/issues/2331)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sessions.entering import enter_where_assigned
from flake8_async_sqla.rules.sessions.providers import (
    called_name,
    called_project_function,
    expects_resource,
    generator_name,
    has_member,
    is_resource,
    noun,
    provider_object,
    receiving_parameter,
    resource_markers,
)
from flake8_async_sqla.rules.uses import uses
from flake8_async_sqla.semantics.blocking.blocking import arguments
from flake8_async_sqla.semantics.inference.bindings import reaching
from flake8_async_sqla.semantics.inference.classes import scope_of_class
from flake8_async_sqla.semantics.inference.functions import is_generator, manager_kind
from flake8_async_sqla.semantics.inference.narrowing import conditions
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.scopes import Binding
from flake8_async_sqla.semantics.types import Function, Generator, Manager, ProjectClass, ProjectInstance

_OWN = {True: ("aclose", "asend", "athrow"), False: ("close", "send", "throw")}


@rule(
    "ASQ222",
    symptom="'async_generator' object has no attribute 'execute'",
    fixable="sometimes",
    types=(Function, ProjectClass),
)
def dependency_called_directly(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report generators in the place of sessions, and dependencies that nobody injects."""
    function = called_project_function(module, call)
    if function is None:
        return
    if manager_kind(function.module, function.node) is not None:
        yield from _managers(module, call)
    elif is_generator(function.module, function.node):
        yield from _generators(module, call)
    elif not _is_open(call):
        yield from _markers(call, function)


def _generators(module: Module, call: ast.Call) -> Iterator[Diagnostic]:
    generator = provider_object(module.type_of(call))
    if generator is None:
        return
    symptoms = (_misused(module, place, generator) for place in _places(module, call, generator))
    if symptom := next(filter(None, symptoms), ""):
        yield Diagnostic(
            at=call,
            message=f"{ast.unparse(call.func)}() gives a generator, no {noun(generator.item)} ({symptom}); "
            "outside of Depends, open one with the factory",
            fix=partial(enter_where_assigned, module, call, generator),
        )


def _managers(module: Module, call: ast.Call) -> Iterator[Diagnostic]:
    manager = module.type_of(call)
    if not isinstance(manager, Manager) or not is_resource(manager.result):
        return
    name = "_AsyncGeneratorContextManager" if manager.is_async else "_GeneratorContextManager"
    for place in [call, *(use for use in uses(module, call) if module.type_of(use) == manager)]:
        used = module.parent(place)
        if isinstance(used, ast.Attribute) and not used.attr.startswith("_") and has_member(manager.result, used.attr):
            yield Diagnostic(
                at=call,
                message=f"{ast.unparse(call.func)}() gives a context manager, no {noun(manager.result)} "
                f"(AttributeError: '{name}' object has no attribute '{used.attr}'); "
                f"enter it with '{'async ' * manager.is_async}with'",
            )
            return


def _markers(call: ast.Call, function: Function) -> Iterator[Diagnostic]:
    for name in resource_markers(function):
        if not _given(call, function, name) and (member := _used_member(function, name)):
            yield Diagnostic(
                at=call,
                message=f"nobody injects '{name}' here: {called_name(function)}() gets the marker itself "
                f"(AttributeError: 'Depends' object has no attribute '{member}'); pass one",
            )


def _places(module: Module, call: ast.Call, generator: Generator) -> Iterator[ast.expr]:
    """Yield the call, and the reads of the name or attribute that holds its result."""
    yield call
    value = _chosen(module, call)
    statement = module.parent(value)
    declared = isinstance(statement, ast.AnnAssign)
    for use in uses(module, value):
        found = module.scope_of(use).lookup(use.id)
        bindings = found[1] if found is not None else []
        same = provider_object(module.type_of(use)) == generator or (declared and len(bindings) == 1)
        if same or _may_hold(module, use, call, bindings):
            yield use
    for target in statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]:
        if isinstance(target, ast.Attribute):
            yield from _reads(module, target, generator)


def _chosen(module: Module, call: ast.Call) -> ast.expr:
    """Return the whole of ``given or call()``."""
    parent = module.parent(call)
    return parent if isinstance(parent, ast.BoolOp) and isinstance(parent.op, ast.Or) else call


def _may_hold(module: Module, use: ast.Name, call: ast.Call, bindings: list[Binding]) -> bool:
    """Tell whether a name that a caller may give a value holds the generator where none did, whatever else is asked."""
    kept = reaching(module, bindings, use)
    others = [binding for binding in kept if binding.node is not module.statement(call)]
    asked = {id(test) for test, _ in conditions(module, call)}
    return (
        len(others) < len(kept)
        and all(binding.kind == "parameter" for binding in others)
        and all(id(test) in asked for test, _ in conditions(module, use))
    )


def _reads(module: Module, target: ast.Attribute, generator: Generator) -> Iterator[ast.expr]:
    for scope in module.index.scopes.values():
        for node in scope.nodes:
            if not isinstance(node, ast.Attribute) or node.attr != target.attr or not isinstance(node.ctx, ast.Load):
                continue
            if provider_object(module.type_of(node)) == generator or _is_only_value(module, node, target):
                yield node


def _is_only_value(module: Module, node: ast.Attribute, target: ast.Attribute) -> bool:
    """Tell whether an attribute that may have been given otherwise is assigned by one statement only."""
    holder = module.type_of(node.value)
    if not isinstance(holder, ProjectInstance) or holder.cls.module != module or next(conditions(module, node), None):
        return False
    bindings = scope_of_class(holder.cls).attributes.get(node.attr, [])
    return [binding.node for binding in bindings] == [module.statement(target)]


def _misused(module: Module, place: ast.expr, generator: Generator) -> str:
    """Say what happens where a generator is used as a session; empty where it is not."""
    parent = module.parent(place)
    kind = generator_name(generator)
    if isinstance(parent, ast.Attribute) and _lacks(generator, parent.attr):
        return f"AttributeError: '{kind}' object has no attribute '{parent.attr}'"
    if isinstance(parent, ast.Await):
        return f"TypeError: object {kind} can't be used in 'await' expression"
    target = receiving_parameter(module, place)
    if target is not None and expects_resource(*target) is not None:
        return f"'{target[1]}' of {called_name(target[0])}() is declared to be one"
    return ""


def _lacks(generator: Generator, name: str) -> bool:
    own = name.startswith("__") or name in _OWN[generator.is_async]
    return not own and has_member(generator.item, name)


def _is_open(call: ast.Call) -> bool:
    """Tell whether some arguments cannot be seen (``*args``, ``**options``)."""
    return any(isinstance(value, ast.Starred) for value in call.args) or any(item.arg is None for item in call.keywords)


def _given(call: ast.Call, function: Function, name: str) -> bool:
    return any(parameter == name for _, parameter in arguments(function, call))


def _used_member(function: Function, name: str) -> str:
    """Name a member of the session that a function uses; empty if it may cope with the marker."""
    module = function.module
    scope = module.index.scopes[function.node]
    members = ""
    if len(scope.names.get(name, ())) != 1:
        return ""
    for use in scope.loads.get(name, ()):
        parent = module.parent(use)
        if isinstance(parent, (ast.Compare, ast.BoolOp, ast.If, ast.IfExp, ast.UnaryOp)):
            return ""
        if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id == "isinstance":
            return ""
        if isinstance(parent, ast.Attribute):
            members = members or parent.attr
        elif isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Attribute):
            members = members or "execute"
    return members
