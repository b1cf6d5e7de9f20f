"""
# factory-used-as-session

## What it does
Finds a session factory in the place of a session, because the call is missing: `async with factory as session`,
`await factory.execute(...)`, `yield factory` in a provider of sessions, a factory given to a parameter that is
declared to be a session.

## Why is this bad?
`TypeError: 'async_sessionmaker' object does not support the asynchronous context manager protocol`
(`AttributeError: __aenter__` on Python 3.10), or
`AttributeError: 'async_sessionmaker' object has no attribute 'execute'`.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)


    async def ping() -> int:
        async with factory as session:
            return (await session.execute(text("SELECT 1"))).scalar_one()

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)


    async def ping() -> int:
        async with factory() as session:
            return (await session.execute(text("SELECT 1"))).scalar_one()

## Fix safety
Safe for `async with factory`: the call is added; the program cannot run as it is. Unsafe for `yield factory`: a
session is opened around the `yield`. Elsewhere there is no fix, because somebody must close the session.

## References
- [SQLAlchemy: async_sessionmaker](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.async_sessionmaker)
- [fastapi/sqlmodel#626](https://github.com/fastapi/sqlmodel/issues/626)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceExpression, ReplaceStatement, safe, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sessions.dependents import reads_of_dependent, wants_resource
from flake8_async_sqla.rules.sessions.providers import (
    called_name,
    called_project_function,
    declared_resources,
    expects_resource,
    has_member,
    is_resource,
)
from flake8_async_sqla.semantics.blocking.blocking import arguments
from flake8_async_sqla.semantics.frameworks.dependencies import provides
from flake8_async_sqla.semantics.inference.annotations import annotated
from flake8_async_sqla.semantics.inference.bindings import item_of
from flake8_async_sqla.semantics.inference.calls import ASYNC_SESSION, ASYNC_SESSIONMAKER, FACTORIES
from flake8_async_sqla.semantics.inference.classes import class_attribute, is_a
from flake8_async_sqla.semantics.inference.members import fact
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import DependsCall
from flake8_async_sqla.semantics.types import UNKNOWN, Function, Generator, Instance, ProjectClass, Type


@rule(
    "ASQ216",
    symptom="'async_sessionmaker' object has no attribute 'execute'",
    fixable="sometimes",
    types=(Instance, Function, ProjectClass),
)
def factory_used_as_session(
    subject: ast.With | ast.AsyncWith | ast.Attribute | ast.Yield | ast.Return | ast.Call | DependsCall, module: Module
) -> Iterator[Diagnostic]:
    """Report factories in the place of the sessions that they make."""
    match subject:
        case ast.With() | ast.AsyncWith():
            yield from _entered(subject, module)
        case ast.Attribute(ctx=ast.Load()):
            yield from _asked(subject, module)
        case ast.Yield(value=ast.expr() as value) | ast.Return(value=ast.expr() as value):
            yield from _provided(subject, value, module)
        case ast.Call():
            yield from _passed(subject, module)
        case DependsCall():
            yield from _injected(subject, module)


def _factory(kind: Type) -> Instance | None:
    """Return the type as that of a factory, unless an annotation alone says so that people use for sessions too."""
    if not isinstance(kind, Instance) or not is_a(kind, *FACTORIES):
        return None
    return kind if kind.origin is not None or (kind.args and kind.cls == ASYNC_SESSIONMAKER) else None


def _name(factory: Instance) -> str:
    return factory.cls.rpartition(".")[2]


def _lacks(factory: Instance, name: str) -> str:
    return f"AttributeError: '{_name(factory)}' object has no attribute '{name}'"


def _entered(statement: ast.With | ast.AsyncWith, module: Module) -> Iterator[Diagnostic]:
    is_async = isinstance(statement, ast.AsyncWith)
    for expression in (item.context_expr for item in statement.items):
        if (factory := _factory(module.type_of(expression))) is not None:
            protocol = "asynchronous context manager" if is_async else "context manager"
            yield Diagnostic(
                at=expression,
                message=f"{ast.unparse(expression)} is a session factory, call it (TypeError: "
                f"'{_name(factory)}' object does not support the {protocol} protocol)",
                fix=partial(_call, expression, _is_async(factory), is_async),
            )


def _is_async(factory: Instance) -> bool:
    return is_a(factory.args[0], ASYNC_SESSION) if factory.args else factory.cls == ASYNC_SESSIONMAKER


def _call(expression: ast.expr, is_async: bool, entered_async: bool) -> Fix | Refusal:
    if is_async != entered_async:
        return Refusal("the sessions and the with statement disagree about being asynchronous")
    return safe(ReplaceExpression(expression, Code("{factory}()", nodes={"factory": expression})))


def _asked(attribute: ast.Attribute, module: Module) -> Iterator[Diagnostic]:
    factory = _factory(module.type_of(attribute.value))
    if factory is None or attribute.attr.startswith("__") or fact(factory.cls, attribute.attr) is not None:
        return
    session = factory.args[0] if factory.args else Instance(ASYNC_SESSION)
    if has_member(session, attribute.attr) and not _extended(factory, attribute.attr):
        yield Diagnostic(
            at=attribute,
            message=f"{ast.unparse(attribute.value)} is a session factory ({_lacks(factory, attribute.attr)}); "
            "open a session with it",
        )


def _extended(factory: Instance, name: str) -> bool:
    """Tell whether the factory's class is the project's own and has the member."""
    cls = factory.origin.module.type_of(factory.origin.call.func) if factory.origin is not None else UNKNOWN
    return isinstance(cls, ProjectClass) and class_attribute(cls, name) is not UNKNOWN


def _provided(node: ast.Yield | ast.Return, value: ast.expr, module: Module) -> Iterator[Diagnostic]:
    function = module.function(node)
    if function is None or function.returns is None:
        return
    declared = annotated(module, function.returns, module.scope_of(function))
    if isinstance(node, ast.Yield) and isinstance(declared, Generator):
        declared = item_of(declared)
    if is_resource(declared) and (factory := _factory(module.type_of(value))) is not None:
        yield Diagnostic(
            at=value,
            message=f"'{function.name}' gives the session factory itself ({_lacks(factory, 'execute')}); "
            "open a session",
            fix=partial(_open, module, node, value, _is_async(factory)),
        )


def _open(module: Module, node: ast.Yield | ast.Return, value: ast.expr, is_async: bool) -> Fix | Refusal:
    statement, function = module.parent(node), module.function(node)
    if not isinstance(statement, ast.Expr) or function is None:
        return Refusal("somebody must close the session: yield it out of a with block")
    if is_async != isinstance(function, ast.AsyncFunctionDef):
        return Refusal("the sessions and the function disagree about being asynchronous")
    if "session" in module.index.scopes[function].names:
        return Refusal("the name 'session' is taken")
    prefix = "async " if is_async else ""
    code = Code(f"{prefix}with {{factory}}() as session:\n    yield session", nodes={"factory": value})
    return unsafe("users get a session that is closed after them", ReplaceStatement(statement, code))


def _passed(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    function = called_project_function(module, call)
    if function is None or not declared_resources(function):
        return
    for value, name in arguments(function, call):
        if expects_resource(function, name) is None:
            continue
        factory = _factory(module.type_of(value))
        if factory is not None:
            yield Diagnostic(
                at=value,
                message=f"'{name}' of {called_name(function)}() is declared to be a session and gets the factory "
                f"({_lacks(factory, 'execute')}); open a session",
            )


def _injected(subject: DependsCall, module: Module) -> Iterator[Diagnostic]:
    """Report providers without an annotation whose dependents want a session."""
    provider = module.type_of(subject.dependency)
    if not isinstance(provider, Function) or provider.node.returns is not None:
        return
    factory = _factory(provides(provider))
    if factory is None or not wants_resource(module, subject.call) or _copes(module, subject.call):
        return
    yield Diagnostic(
        at=subject.dependency,
        message=f"'{provider.node.name}' gives the session factory itself ({_lacks(factory, 'execute')}); "
        "open a session there",
    )


def _copes(module: Module, call: ast.Call) -> bool:
    """Tell whether a dependent calls what it gets, whatever its annotation says."""
    for use in reads_of_dependent(module, call):
        parent = module.parent(use)
        if isinstance(parent, ast.Call) and parent.func is use:
            return True
    return False
