"""
# depends-on-factory

## What it does
Finds `Depends(async_session)` where `async_session` is a session factory or an `async_scoped_session`, and
`Depends(AsyncSession)` or `Annotated[AsyncSession, Depends()]` with the session class itself. Silent where the
project overrides it: `app.dependency_overrides[AsyncSession] = get_db`.

## Why is this bad?
FastAPI takes the parameters of what it shall call for parameters of the request. Every request is answered with 422:
`{"type":"missing","loc":["query","local_kw"],"msg":"Field required"}` for a factory, `"kw"` for the class. And nobody
would close the session. A `Session` class gives sessions without an engine: `UnboundExecutionError`.

## Example
    from fastapi import Depends, FastAPI
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)
    app = FastAPI()


    @app.get("/ping")
    async def ping(db: AsyncSession = Depends(factory)) -> int:
        return (await db.execute(text("SELECT 1"))).scalar_one()

## Use instead
    from collections.abc import AsyncIterator

    from fastapi import Depends, FastAPI
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine, expire_on_commit=False)
    app = FastAPI()


    async def get_session() -> AsyncIterator[AsyncSession]:
        async with factory() as session:
            yield session


    @app.get("/ping")
    async def ping(db: AsyncSession = Depends(get_session)) -> int:
        return (await db.execute(text("SELECT 1"))).scalar_one()

## Fix safety
Unsafe: a dependency is written that opens a session and closes it after the request; or the one that the module has
for this factory is used. Refused for classes, and where the factory is no plain name.

## References
- [FastAPI: dependencies with yield](https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/)
- [FastAPI: testing dependencies with overrides](https://fastapi.tiangolo.com/advanced/testing-dependencies/)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, InsertBefore, Refusal, ReplaceExpression, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sessions.providers import provider_object
from flake8_async_sqla.semantics.frameworks.dependencies import is_depends
from flake8_async_sqla.semantics.frameworks.overrides import depended, overridden
from flake8_async_sqla.semantics.inference.calls import ASYNC_SESSION, FACTORIES, REGISTRIES, SESSIONS
from flake8_async_sqla.semantics.inference.classes import inherits_constructor, is_a, is_class
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.origins import factory_of
from flake8_async_sqla.semantics.subjects import DependsCall
from flake8_async_sqla.semantics.types import Function, Instance, ProjectClass, Type

_ADVICE = "write a generator that yields a session of the factory"


@rule("ASQ224", symptom="422: query parameter 'local_kw' or 'kw' is missing", fixable="sometimes")
def depends_on_factory(subject: DependsCall, module: Module) -> Iterator[Diagnostic]:
    """Report session factories and session classes that FastAPI shall call."""
    kind = module.type_of(subject.dependency)
    if not (what := _what(kind)) or overridden(module, kind):
        return
    yield Diagnostic(
        at=subject.call,
        message=f"FastAPI cannot make a session of {ast.unparse(subject.dependency)} ({what}); {_ADVICE}",
        fix=partial(_fix, module, subject.dependency, kind),
    )


def _what(kind: Type) -> str:
    """Say what happens with a dependency; empty if it is neither a factory nor a session class."""
    if is_a(kind, *FACTORIES):
        return "422: query parameter 'local_kw' is missing"
    if is_a(kind, *REGISTRIES):
        return "422: query parameter 'kw' is missing"
    if not is_class(kind, *SESSIONS) or (isinstance(kind, ProjectClass) and not inherits_constructor(kind)):
        return ""
    return (
        "422: query parameter 'kw' is missing" if is_class(kind, ASYNC_SESSION) else "UnboundExecutionError: no engine"
    )


def _fix(module: Module, dependency: ast.expr, kind: Type) -> Fix | Refusal:
    if not isinstance(kind, Instance) or not is_a(kind, *FACTORIES) or not kind.args:
        return Refusal("which factory shall make the session cannot be seen")
    if not isinstance(dependency, ast.Name) or dependency.id not in module.index.top.names:
        return Refusal("the factory is no plain name of the module")
    session = kind.args[0]
    if not isinstance(session, Instance):
        return Refusal("the session class is the project's own")
    if (present := _provider(module, kind, dependency.lineno)) is not None:
        return unsafe("the session is closed after the request", ReplaceExpression(dependency, Code(present)))
    places = list(_places(module))
    first = next(place for place in places if module.type_of(place) == kind)
    if first is not dependency:
        return Refusal(f"the fix of line {first.lineno} adds the dependency first")
    name = "get_session" if first is places[0] else f"get_{dependency.id}_session"
    if any(name in scope.names or name in scope.loads for scope in module.index.scopes.values()):
        return Refusal(f"the module has another {name}()")
    prefix, iterator = ("async ", "AsyncIterator") if is_a(session, ASYNC_SESSION) else ("", "Iterator")
    code = Code(
        f"{prefix}def {name}() -> {{iterator}}[{{session}}]:\n"
        f"    {prefix}with {dependency.id}() as session:\n        yield session",
        symbols={"iterator": f"collections.abc.{iterator}", "session": session.cls},
    )
    outermost = [outer for outer in module.ancestors(dependency) if isinstance(outer, ast.stmt)][-1]
    edits = InsertBefore(outermost, code), ReplaceExpression(dependency, Code(name))
    return unsafe("the session is closed after the request", *edits)


def _provider(module: Module, factory: Type, line: int) -> str | None:
    """Name a dependency of the module, above a line, that yields sessions of a factory."""
    for name, bindings in module.index.top.names.items():
        node = bindings[0].node
        if len(bindings) == 1 and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.lineno < line:
            generator = provider_object(module.result_of(Function(module, node)))
            if generator is not None and not node.args.args and factory_of(generator.item) == factory:
                return name
    return None


def _places(module: Module) -> Iterator[ast.expr]:
    """Yield the places that give a session factory to ``Depends``, in the order of the source."""
    calls = (node for scope in module.index.scopes.values() for node in scope.nodes if isinstance(node, ast.Call))
    given = [depended(module, call) for call in calls if is_depends(module, call)]
    factories = [node for node in given if node is not None and is_a(module.type_of(node), *FACTORIES)]
    yield from sorted(factories, key=lambda node: (node.lineno, node.col_offset))
