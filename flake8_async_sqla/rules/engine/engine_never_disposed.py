"""
# engine-never-disposed

## What it does
Finds scripts whose `asyncio.run()` ends without `await engine.dispose()`, while the engine has a connection pool and
nothing else in the file, and no other file, could dispose of it.

## Why is this bad?
The pool keeps its connections open, and the event loop that could close them is gone: `ResourceWarning: unclosed
connection` with asyncpg, a dropped connection in the server's log. With aiosqlite a thread per connection lives on,
and with some versions the program never ends.

## Example
    import asyncio

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")


    async def main() -> None:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        print("done")


    if __name__ == "__main__":
        asyncio.run(main())

## Use instead
    import asyncio

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")


    async def main() -> None:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        print("done")
        await engine.dispose()


    if __name__ == "__main__":
        asyncio.run(main())

## Fix safety
Unsafe: what runs after the coroutine may still use the engine. Offered where the coroutine never returns early, and
does not end with a loop or an error.

## References
- [SQLAlchemy: asyncio, disposing the
  engine](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#synopsis-core)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, InsertAfter, Refusal, unsafe
from flake8_async_sqla.rules.engine.pools import certainly_pooled, pools_of
from flake8_async_sqla.rules.engine.runs import engine_at, reached, repeated, runs
from flake8_async_sqla.rules.engine.stays import stays_in_module
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.uses import assigned_names
from flake8_async_sqla.semantics.blocking.blocking import is_test
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.frameworks.callers import uses_of
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Function

_KEEPS_NOTHING = frozenset({"NullPool", "StaticPool"})


@rule("ASQ112", symptom="ResourceWarning: unclosed connection", fixable="sometimes")
def engine_never_disposed(tree: ast.Module, module: Module) -> Iterator[Diagnostic]:
    """Report the run of a script that leaves an engine's connections open."""
    if is_test(module):
        return
    started = [(call, function) for call, function in runs(module) if function.module == module]
    if len(started) != 1 or not _is_script(module, started[0][0]) or _disposes(module) or importers(module):
        return
    call, function = started[0]
    if repeated(module, call):
        return
    for origin in reached(function):
        engine = engine_at(origin) if origin.module == module else None
        if engine is not None and _left_open(engine, module):
            yield Diagnostic(
                at=call,
                message=f"the engine of line {origin.line} is not disposed of when the event loop ends: connections "
                "stay open (ResourceWarning); await engine.dispose()",
                fix=partial(_fix, module, engine, function),
            )


def _is_script(module: Module, call: ast.Call) -> bool:
    """Tell whether a call runs when the file is run: at module level, or in a function that is only called there."""
    function = module.function(call)
    if function is None:
        return module.scope_of(call).kind == "module"
    if function.decorator_list or isinstance(function, ast.AsyncFunctionDef):
        return False
    uses = [use for place, use in uses_of(module, function) if place == module]
    return bool(uses) and all(module.scope_of(use).kind == "module" for use in uses)


def _disposes(module: Module) -> bool:
    nodes = (node for scope in module.index.scopes.values() for node in scope.nodes)
    return any(isinstance(node, ast.Attribute) and node.attr == "dispose" for node in nodes)


def _left_open(engine: EngineCall, module: Module) -> bool:
    if not engine.is_async or engine.configured or not certainly_pooled(engine, module):
        return False
    targets = module.project.settings.targets
    if any(_KEEPS_NOTHING & set(pools_of(engine, module, version)) for version in targets):
        return False
    return stays_in_module(module, engine.call)


def _fix(module: Module, engine: EngineCall, function: Function) -> Fix | Refusal:
    node = function.node
    last, names = node.body[-1], assigned_names(module, engine.call)
    if len(names) != 1 or module.scope_of(engine.call).node not in (module.tree, node):
        return Refusal("the engine has no name that the coroutine knows")
    if isinstance(last, (ast.Raise, ast.While)) or next(own_nodes(module, node, ast.Return), None) is not None:
        return Refusal("the coroutine has no simple end")
    while isinstance(last, ast.Try) and last.finalbody and last not in module.ancestors(engine.call):
        last = last.finalbody[-1]
    code = Code(f"await {names[0]}.dispose()")
    return unsafe("what runs after the coroutine may still use the engine", InsertAfter(last, code))
