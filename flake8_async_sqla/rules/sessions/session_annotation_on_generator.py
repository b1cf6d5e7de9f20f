"""
# session-annotation-on-generator

## What it does
Finds a generator function whose return annotation names what it yields, `async def get_db() -> AsyncSession:` with a
`yield`, or a generator of the other kind: `-> Iterator[AsyncSession]`, `-> Generator[AsyncSession, None, None]` or
`-> Awaitable[AsyncSession]` on an asynchronous one. Functions that return a session are right.

## Why is this bad?
The function runs, but it gives a generator and says that it gives a session. Type checkers refuse it: mypy's `The
return type of an async generator function should be "AsyncGenerator" or one of its supertypes`. Without them, the
annotation is what leads people to write `db = await get_db()`.

## Example
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)


    async def get_db() -> AsyncSession:
        async with factory() as session:
            yield session

## Use instead
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)


    async def get_db() -> AsyncIterator[AsyncSession]:
        async with factory() as session:
            yield session

## Fix safety
Safe: only the annotation changes. Refused where the annotation is an alias of a generator type.

## References
- [Python: annotating generators and coroutines](https://docs.python.org/3/library/typing.html#annotating-generators-and-coroutines)
- [FastAPI: dependencies with yield](https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceExpression, safe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sessions.providers import is_resource, noun
from flake8_async_sqla.semantics.inference.annotations import annotated
from flake8_async_sqla.semantics.inference.bindings import item_of
from flake8_async_sqla.semantics.inference.functions import is_generator, own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.imports import global_type
from flake8_async_sqla.semantics.names.nodes import parts
from flake8_async_sqla.semantics.types import UNKNOWN, Coroutine, External, Generator, Instance, Manager, Type, join

_SYMPTOM = 'The return type of an async generator function should be "AsyncGenerator" or one of its supertypes'
_KINDS = {
    True: frozenset({"AsyncGenerator", "AsyncIterator", "AsyncIterable"}),
    False: frozenset({"Generator", "Iterator", "Iterable"}),
}


@rule("ASQ225", symptom=_SYMPTOM, fixable="sometimes")
def session_annotation_on_generator(
    function: ast.FunctionDef | ast.AsyncFunctionDef, module: Module
) -> Iterator[Diagnostic]:
    """Report generators of sessions that are not annotated as the generators they are."""
    if function.returns is None or not is_generator(module, function):
        return
    is_async = isinstance(function, ast.AsyncFunctionDef)
    declared = annotated(module, function.returns, module.scope_of(function))
    item = _wrongly_declared(declared, is_async)
    if item is None:
        return
    if item is UNKNOWN:
        item = _yielded(module, function)
    if not is_resource(item):
        return
    iterator = "AsyncIterator" if is_async else "Iterator"
    yield Diagnostic(
        at=function.returns,
        message=f"'{function.name}' yields its {noun(item)}, so it gives {'an async' if is_async else 'a'} generator: "
        f"annotate it as {iterator}[...]",
        fix=partial(_fix, module, function.returns, declared, is_async),
    )


def _wrongly_declared(declared: Type, is_async: bool) -> Type | None:
    """Return what a wrong annotation says is yielded, `UNKNOWN` if it does not say; ``None`` if it may be right."""
    if isinstance(declared, Generator):
        return item_of(declared) if declared.is_async != is_async else None
    if isinstance(declared, (Coroutine, Manager)):
        return declared.result
    if isinstance(declared, Instance) and declared.cls.rpartition(".")[2] in _KINDS[not is_async]:
        return UNKNOWN
    return declared if is_resource(declared) else None


def _yielded(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Type:
    values = (node.value for node in own_nodes(module, function, ast.Yield) if isinstance(node, ast.Yield))
    return join([module.type_of(value) for value in values if value is not None])


def _fix(module: Module, annotation: ast.expr, declared: Type, is_async: bool) -> Fix | Refusal:
    name = "AsyncIterator" if is_async else "Iterator"
    item: ast.expr = annotation
    if not is_resource(declared):
        if not isinstance(annotation, ast.Subscript):
            return Refusal("the annotation is an alias, or does not say what is yielded")
        written = module.type_of(annotation.value)
        if not isinstance(written, External):
            return Refusal("the annotation is an alias")
        items = parts(annotation.slice)
        if not items:
            return Refusal("the annotation does not say what is yielded")
        item = items[-1] if isinstance(declared, Coroutine) else items[0]
        if written.path.endswith("Generator"):
            name = "AsyncGenerator" if is_async else "Generator"
    code = "{generator}[{item}, None, None]" if name == "Generator" else "{generator}[{item}]"
    if name == "AsyncGenerator":
        code = "{generator}[{item}, None]"
    known = global_type(module, name)
    path = f"typing.{name}" if known == External(f"typing.{name}") else f"collections.abc.{name}"
    return safe(ReplaceExpression(annotation, Code(code, nodes={"item": item}, symbols={"generator": path})))
