"""
# session-in-several-tasks

## What it does
Finds one `AsyncSession` or `AsyncConnection` that several tasks use at once: arguments of `asyncio.gather()`,
`wait()` or `as_completed()`, tasks of one `TaskGroup` (asyncio, anyio, trio), or tasks started by `create_task()` one
after the other or in a loop. The session is followed into the project's coroutines: as an argument, on a repository's
`self.session`, in a closure, out of a `ContextVar`, or as what FastAPI injects twice. Strawberry resolvers that share
a session of the context are found too.

## Why is this bad?
A session is one conversation with one database connection. The second task finds it busy: `InvalidRequestError: This
session is provisioning a new connection; concurrent operations are not permitted`, or `IllegalStateChangeError` when
the session is closed meanwhile. Whether it happens depends on timing and driver, and with `return_exceptions=True`
half of the work is lost without a word.

## Example
    import asyncio

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession


    async def totals(session: AsyncSession) -> tuple[int, int]:
        users, orders = await asyncio.gather(
            session.scalar(text("SELECT count(*) FROM users")),
            session.scalar(text("SELECT count(*) FROM orders")),
        )
        return users, orders

## Use instead
    import asyncio

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker


    async def count(factory: async_sessionmaker[AsyncSession], table: str) -> int:
        async with factory() as session:
            return await session.scalar(text(f"SELECT count(*) FROM {table}"))


    async def totals(factory: async_sessionmaker[AsyncSession]) -> tuple[int, int]:
        users, orders = await asyncio.gather(count(factory, "users"), count(factory, "orders"))
        return users, orders

## Fix safety
Unsafe: the calls of an awaited `gather()` are awaited one after the other, which takes longer when other work is
among them. Tasks that are started elsewhere, and `return_exceptions=True`, are left to you.

## References
- [SQLAlchemy: is the Session thread-safe? Is AsyncSession safe to share in concurrent tasks?](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#session-faq-threadsafe)
- [SQLAlchemy: IllegalStateChangeError and concurrency exceptions](https://docs.sqlalchemy.org/en/20/errors.html#error-isce)
- [sqlalchemy/sqlalchemy#5967](https://github.com/sqlalchemy/sqlalchemy/issues/5967)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceExpression, ReplaceStatement, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.frameworks.contexts import shared_in_context
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.sessions.concurrency import clashes
from flake8_async_sqla.semantics.sessions.spawning import spawner, unwrapped


@rule(
    "ASQ208",
    symptom="This session is provisioning a new connection; concurrent operations are not permitted",
    fixable="sometimes",
)
def session_in_several_tasks(
    node: ast.AsyncFunctionDef | ast.FunctionDef | ast.ClassDef, module: Module
) -> Iterator[Diagnostic]:
    """Report the calls that let several tasks use one session."""
    if isinstance(node, ast.ClassDef):
        for place, key in shared_in_context(module, node):
            yield Diagnostic(
                at=place,
                message=f"resolvers run at once and share the context's '{key}' (concurrent operations are not "
                "permitted); open a session in each",
            )
        return
    for clash in clashes(module, node):
        yield Diagnostic(
            at=clash.at,
            message=f"several tasks use '{clash.session}' at once (concurrent operations are not permitted); await one"
            " after the other, or open a session in each",
            fix=partial(_one_after_the_other, module, clash.at),
        )


def _one_after_the_other(module: Module, call: ast.expr) -> Fix | Refusal:
    awaited = module.parent(call)
    if (
        not isinstance(call, ast.Call)
        or not isinstance(awaited, ast.Await)
        or spawner(module, call) != "asyncio.gather"
    ):
        return Refusal("only the calls of an awaited gather() can be put one after the other")
    if call.keywords:
        return Refusal("return_exceptions collects the errors; decide what one error means for the calls after it")
    reason = "the calls run one after the other, which takes longer"
    statement = module.parent(awaited)
    inner = call.args[0].value if len(call.args) == 1 and isinstance(call.args[0], ast.Starred) else None
    if isinstance(inner, (ast.GeneratorExp, ast.ListComp)) and isinstance(inner.elt, ast.Call):
        if isinstance(statement, ast.Expr):
            return unsafe(reason, ReplaceStatement(statement, _loop(module, inner)))
        return unsafe(reason, ReplaceExpression(awaited, _comprehension(module, inner)))
    if not all(isinstance(argument, ast.Call) for argument in call.args):
        return Refusal("the calls are put together elsewhere")
    nodes = {f"call{number}": unwrapped(module, argument) for number, argument in enumerate(call.args)}
    awaits = [f"await {{{name}}}" for name in nodes]
    if isinstance(statement, ast.Expr):
        return unsafe(reason, ReplaceStatement(statement, Code("\n".join(awaits), nodes)))
    unpacked = isinstance(statement, ast.Assign) and isinstance(statement.targets[0], (ast.Tuple, ast.List))
    template = "({})" if unpacked else "[{}]"
    return unsafe(reason, ReplaceExpression(awaited, Code(template.format(", ".join(awaits)), nodes)))


def _comprehension(module: Module, node: ast.GeneratorExp | ast.ListComp) -> Code:
    heads, nodes = _heads(module, node)
    return Code(f"[await {{call}} {' '.join(heads)}]", nodes)


def _loop(module: Module, node: ast.GeneratorExp | ast.ListComp) -> Code:
    heads, nodes = _heads(module, node)
    lines = [f"{'    ' * depth}{head}" for depth, head in enumerate([*(f"{head}:" for head in heads), "await {call}"])]
    return Code("\n".join(lines), nodes)


def _heads(module: Module, node: ast.GeneratorExp | ast.ListComp) -> tuple[list[str], dict[str, ast.AST]]:
    """Write the ``for`` and ``if`` parts of a comprehension as a template, with its nodes."""
    nodes: dict[str, ast.AST] = {"call": unwrapped(module, node.elt)}
    heads = []
    for number, generator in enumerate(node.generators):
        nodes[f"target{number}"], nodes[f"items{number}"] = generator.target, generator.iter
        heads.append(f"{'async ' * generator.is_async}for {{target{number}}} in {{items{number}}}")
        for place, condition in enumerate(generator.ifs):
            nodes[f"if{number}_{place}"] = condition
            heads.append(f"if {{if{number}_{place}}}")
    return heads, nodes
