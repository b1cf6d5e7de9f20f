"""
# command-in-event-loop

## What it does
Finds calls of Alembic's commands that run `env.py` (`command.upgrade()`, `downgrade()`, `stamp()`, `current()`,
`check()`, `revision(autogenerate=True)`, `alembic.config.main()`) in a coroutine, directly or by way of a plain
function, where the project's `env.py` runs an event loop with `asyncio.run()`, as the template of `alembic init -t
async` does, or with `loop.run_until_complete()` or `anyio.run()`: in a lifespan, a start-up handler, an async fixture
or test.

## Why is this bad?
`RuntimeError: asyncio.run() cannot be called from a running event loop`; with `run_until_complete()`, `RuntimeError:
This event loop is already running`. The migrations do not run.

## Example
    from collections.abc import AsyncIterator
    from contextlib import asynccontextmanager

    from alembic import command
    from alembic.config import Config
    from fastapi import FastAPI


    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
        command.upgrade(Config("alembic.ini"), "head")
        yield {}

## Use instead
    import asyncio
    from collections.abc import AsyncIterator
    from contextlib import asynccontextmanager

    from alembic import command
    from alembic.config import Config
    from fastapi import FastAPI


    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
        await asyncio.to_thread(command.upgrade, Config("alembic.ini"), "head")
        yield {}

## Fix safety
Unsafe: the command, with what `env.py` configures (logging), runs in another thread. An `env.py` that takes the
connection of its caller out of `config.attributes` needs no thread: `await connection.run_sync(upgrade)`.

## References
- [Alembic: programmatic API use with asyncio](https://alembic.sqlalchemy.org/en/latest/cookbook.html#programmatic-api-use-connection-sharing-with-asyncio)
- [schireson/pytest-alembic#99](https://github.com/schireson/pytest-alembic/issues/99)
- [schireson/pytest-alembic#119](https://github.com/schireson/pytest-alembic/issues/119)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceExpression, unsafe
from flake8_async_sqla.rules.migrations.commands import Command, commands
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.uses import hidden_arguments
from flake8_async_sqla.semantics.engine.migrations import is_environment
from flake8_async_sqla.semantics.module import Module


@rule("ASQ804", symptom="RuntimeError: asyncio.run() cannot be called from a running event loop", fixable="sometimes")
def command_in_event_loop(function: ast.AsyncFunctionDef, module: Module) -> Iterator[Diagnostic]:
    """Report commands of Alembic in coroutines, where ``env.py`` starts an event loop of its own."""
    if is_environment(module):
        return
    for command in commands(module, function):
        yield Diagnostic(
            at=command.at,
            message=f"{command.chain} runs {command.environment.relative_path}, whose event loop cannot run inside "
            "another (RuntimeError: asyncio.run() cannot be called from a running event loop); use asyncio.to_thread()",
            fix=partial(_fix, module, command),
        )


def _fix(module: Module, command: Command) -> Fix | Refusal:
    call = command.at
    if hidden_arguments(call) or not isinstance(module.parent(call), ast.Expr):
        return Refusal("the call is part of an expression, or has arguments that cannot be seen")
    keywords = {f"k{number}": keyword for number, keyword in enumerate(call.keywords)}
    nodes: dict[str, ast.AST] = {"function": call.func}
    nodes |= {f"a{number}": argument for number, argument in enumerate(call.args)}
    nodes |= {name: keyword.value for name, keyword in keywords.items()}
    given = [f"{{a{number}}}" for number in range(len(call.args))]
    given += [f"{keyword.arg}={{{name}}}" for name, keyword in keywords.items()]
    template = f"await {{to_thread}}({', '.join(['{function}', *given])})"
    code = Code(template, nodes=nodes, symbols={"to_thread": "asyncio.to_thread"})
    return unsafe("the command runs in another thread", ReplaceExpression(call, code))
