"""
# anext-on-dependency

## What it does
Finds a session that is taken out of its generator by hand: `await anext(get_db())`, `await get_db().__anext__()`, and
`async for db in get_db():` with a `return` or `break` in its body. Of synchronous generators, `next(get_db())` is
reported where a commit after the `yield` is lost. A generator with nothing around its `yield` and no commit after it,
a loop that runs to its end and `contextlib.aclosing()` are right.

## Why is this bad?
Nobody finishes the generator. A commit after its `yield` never runs, and its `async with` closes the session when the
garbage collector finds the generator: after `anext(get_db())` that is at once, in another task, while the session is
in use. What was written is lost without a word, even when the caller commits, or
`ResourceClosedError: This transaction is closed` and `IllegalStateChangeError` come up. After a `return` in the loop
the connection stays taken until later.

## Example
    from collections.abc import AsyncIterator

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)


    async def get_db() -> AsyncIterator[AsyncSession]:
        async with factory() as session:
            yield session


    async def add(name: str) -> None:
        db = await anext(get_db())
        await db.execute(text("INSERT INTO users (name) VALUES (:name)"), {"name": name})
        await db.commit()

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


    async def add(name: str) -> None:
        async with asynccontextmanager(get_db)() as db:
            await db.execute(text("INSERT INTO users (name) VALUES (:name)"), {"name": name})
            await db.commit()

## Fix safety
Unsafe: the rest of the block, or the body of the loop, runs inside the generator's context, and what stands after its
`yield` runs at the end. Refused where the session is not simply assigned to a name, and for loops.

## References
- [Python: contextlib.aclosing](https://docs.python.org/3/library/contextlib.html#contextlib.aclosing)
- [PEP 525: finalization of asynchronous generators](https://peps.python.org/pep-0525/#finalization)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Fix, Refusal
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sessions.entering import enter_where_assigned
from flake8_async_sqla.rules.sessions.providers import cleans_up, loses_commit, noun, provider_object
from flake8_async_sqla.rules.uses import uses
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External, Generator

_NEXT = frozenset({"builtins.anext", "builtins.next"})
_STEPS = frozenset({"__anext__", "__next__", "asend", "send"})


@rule(
    "ASQ223",
    symptom="ResourceClosedError: This transaction is closed; or the changes are lost",
    fixable="sometimes",
    names=("anext", "next", *_STEPS),
)
def anext_on_dependency(subject: ast.Call | ast.AsyncFor, module: Module) -> Iterator[Diagnostic]:
    """Report session generators that nobody finishes."""
    if isinstance(subject, ast.AsyncFor):
        generator = provider_object(module.type_of(subject.iter)) if isinstance(subject.iter, ast.Call) else None
        leaving = _leaving(subject.body)
        if generator is not None and leaving and cleans_up(generator):
            lost = "its commit never runs" if loses_commit(generator) else "it ends in another task"
            yield Diagnostic(
                at=subject.iter,
                message=f"this {leaving} leaves the generator of the {noun(generator.item)} unfinished: {lost}; "
                "enter asynccontextmanager() of the function",
                fix=lambda: Refusal("the loop would have to become a block"),
            )
        return
    taken = _taken(module, subject)
    generator = provider_object(module.type_of(taken)) if taken is not None else None
    if generator is None or taken is None:
        return
    if generator.is_async and isinstance(taken, ast.Call) and cleans_up(generator):
        what = "it is closed in another task while in use, its changes are lost (or ResourceClosedError)"
    elif loses_commit(generator) and _stays_unfinished(module, subject, taken) and not _commits(module, subject):
        what = "its commit never runs"
    else:
        return
    yield Diagnostic(
        at=subject,
        message=f"nobody finishes the generator of this {noun(generator.item)}: {what}; "
        f"enter {'async' if generator.is_async else ''}contextmanager() of the function instead",
        fix=partial(_fix, module, subject, taken, generator),
    )


def _taken(module: Module, call: ast.Call) -> ast.expr | None:
    """Return the generator of ``anext(generator)`` or ``generator.__anext__()``."""
    if isinstance(call.func, ast.Attribute) and call.func.attr in _STEPS:
        return call.func.value
    if isinstance(call.func, ast.Name) and call.func.id in ("anext", "next") and call.args:
        callee = module.type_of(call.func)
        return call.args[0] if isinstance(callee, External) and callee.path in _NEXT else None
    return None


def _stays_unfinished(module: Module, step: ast.Call, taken: ast.expr) -> bool:
    """Tell whether a generator takes one step and no more, as far as its name shows."""
    if isinstance(taken, ast.Call):
        return True
    if not isinstance(taken, ast.Name):
        return False
    found = module.scope_of(taken).lookup(taken.id)
    if found is None or len(found[1]) != 1 or not isinstance(made := found[1][0].value, ast.Call):
        return False
    return found[1][0].kind == "value" and all(use is taken for use in uses(module, made))


def _commits(module: Module, step: ast.Call) -> bool:
    """Tell whether whoever takes the session commits it, so that the generator need not."""
    return any(
        isinstance(parent := module.parent(use), ast.Attribute) and parent.attr == "commit"
        for use in uses(module, step)
    )


def _leaving(body: list[ast.stmt]) -> str:
    """Name what leaves a loop early: a ``return``, or a ``break`` that belongs to it."""
    pending: list[tuple[ast.AST, bool]] = [(statement, True) for statement in body]
    while pending:
        node, own = pending.pop(0)
        if isinstance(node, ast.Return):
            return "return"
        if isinstance(node, ast.Break) and own:
            return "break"
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        own = own and not isinstance(node, (ast.For, ast.AsyncFor, ast.While))
        pending.extend((child, own) for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr))
    return ""


def _fix(module: Module, step: ast.Call, taken: ast.expr, generator: Generator) -> Fix | Refusal:
    if not isinstance(taken, ast.Call):
        return Refusal("the generator is made elsewhere")
    value = module.parent(step)
    if not generator.is_async:
        return enter_where_assigned(module, taken, generator, step)
    if not isinstance(value, ast.Await):
        return Refusal("the session is not simply assigned to a name")
    return enter_where_assigned(module, taken, generator, value)
