"""
# throwaway-session

## What it does
Finds a method that is called on a session made in the same expression: `await factory().execute(...)`, `await
AsyncSession(engine).commit()`, `await get_session().commit()` where that function makes a session for each call.

## Why is this bad?
Nothing else can reach that session. `commit()`, `flush()` and `rollback()` on it do nothing at all: the changes
belong to another session and are lost, and so is what `add()` puts into it. A query takes a connection that nobody
gives back: `SAWarning: The garbage collector is trying to clean up non-checked-in connection`.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)


    async def ping() -> None:
        await factory().execute(text("SELECT 1"))

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)


    async def ping() -> None:
        async with factory() as session:
            await session.execute(text("SELECT 1"))

## Fix safety
Unsafe: the session is closed at the end of the statement. Refused for `commit()`, `add()` and the like, which were
meant for another session, for streams, and where the statement cannot be wrapped.

## References
- [SQLAlchemy: opening and closing a session](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#opening-and-closing-a-session)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceExpression, WrapStatements, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.inference.calls import ASYNC_ENGINE, ASYNC_SESSION, FACTORIES, argument
from flake8_async_sqla.semantics.inference.classes import is_a, is_class, lineage, scope_of_class
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.scopes import Scope
from flake8_async_sqla.semantics.objects.origins import factory_of, origin_of
from flake8_async_sqla.semantics.subjects import MemberCall
from flake8_async_sqla.semantics.types import Function, ProjectClass, ProjectInstance

_CONNECTION = "sqlalchemy.ext.asyncio.AsyncConnection"
_CONNECTING = frozenset(
    {"connection", "exec", "execute", "get", "get_one", "merge", "scalar", "scalars", "stream", "stream_scalars"}
)
_ELSEWHERE = frozenset({"add", "add_all", "commit", "delete", "flush", "refresh", "rollback"})
_STREAMING = frozenset({"connection", "stream", "stream_scalars"})
_SIMPLE = (ast.Expr, ast.Assign, ast.AnnAssign, ast.Return)
_MAX_HOPS = 3


@rule("ASQ218", symptom="the changes are lost, or the connection is never given back", fixable="sometimes")
def throwaway_session(member: MemberCall, module: Module) -> Iterator[Diagnostic]:
    """Report methods of sessions that only one expression can reach."""
    made = member.call.func.value if isinstance(member.call.func, ast.Attribute) else None
    if not isinstance(made, (ast.Call, ast.Attribute)) or not is_a(member.receiver, ASYNC_SESSION):
        return
    makes = _makes_session if isinstance(made, ast.Call) else _property_makes_session
    if not makes(module, made):  # type: ignore[arg-type]
        return
    if member.name in _ELSEWHERE:
        what = "no other statement sees what it does"
    elif member.name in _CONNECTING and _takes_connection(module, made):
        what = "nobody gives its connection back"
    else:
        return
    yield Diagnostic(
        at=member.call,
        message=f"{member.name}() on a session that only this expression can reach: {what}; open it with 'async with'",
        fix=partial(_fix, module, member, made),
    )


def _makes_session(module: Module, call: ast.Call, hops: int = _MAX_HOPS) -> bool:
    """Tell whether a call certainly makes a new session that nothing else holds."""
    callee = module.type_of(call.func)
    if is_a(callee, *FACTORIES) or is_class(callee, ASYNC_SESSION):
        return True
    return isinstance(callee, Function) and not callee.node.decorator_list and _returns_session(callee, hops)


def _returns_session(callee: Function, hops: int) -> bool:
    if not hops:
        return False
    returns = list(own_nodes(callee.module, callee.node, ast.Return))
    value = returns[0].value if len(returns) == 1 and isinstance(returns[0], ast.Return) else None
    return isinstance(value, ast.Call) and _makes_session(callee.module, value, hops - 1)


def _property_makes_session(module: Module, made: ast.Attribute) -> bool:
    """Tell whether each read of a property makes a new session."""
    holder = module.type_of(made.value)
    for cls in lineage(holder.cls) if isinstance(holder, ProjectInstance) else ():
        if isinstance(cls, ProjectClass) and (bindings := scope_of_class(cls).names.get(made.attr)):
            node = bindings[0].node
            if len(bindings) > 1 or not isinstance(node, ast.FunctionDef):
                return False
            plain = [getattr(item, "id", "") for item in node.decorator_list] == ["property"]
            return plain and _returns_session(Function(cls.module, node), _MAX_HOPS)
    return False


def _takes_connection(module: Module, made: ast.expr) -> bool:
    """Tell whether a session takes its connection out of a pool; one that is bound to a connection does not."""
    session = module.type_of(made)
    origin, factory = origin_of(session), origin_of(factory_of(session))
    if origin is not None and (own := argument(origin.call, "bind", 0)) is not None:
        return is_a(origin.module.type_of(own), ASYNC_ENGINE)
    bind = argument(factory.call, "bind", 0) if factory is not None else None
    return factory is None or bind is None or not is_a(factory.module.type_of(bind), _CONNECTION)


def _fix(module: Module, member: MemberCall, made: ast.expr) -> Fix | Refusal:
    call = member.call
    statement = module.statement(call)
    function = module.function(call)
    if member.name in _ELSEWHERE:
        return Refusal(f"{member.name}() was meant for the session that holds the changes")
    if member.name in _STREAMING:
        return Refusal("the result is read after the statement")
    if not isinstance(statement, _SIMPLE) or not isinstance(function, ast.AsyncFunctionDef):
        return Refusal("the statement cannot be wrapped")
    if module.scope_of(call).kind != "function":
        return Refusal("each item of the comprehension has a session of its own")
    if any("session" in scope.names or "session" in scope.loads for scope in _scopes(module, function)):
        return Refusal("the name 'session' is taken")
    header = Code("async with {made} as session:", nodes={"made": made})
    return unsafe(
        "the session is closed at the end of the statement",
        WrapStatements(statement, statement, header),
        ReplaceExpression(made, Code("session")),
    )


def _scopes(module: Module, function: ast.AsyncFunctionDef) -> Iterator[Scope]:
    """Yield the scopes of a function and of what is nested in it."""
    for node, scope in module.index.scopes.items():
        if node is function or function in module.ancestors(node):
            yield scope
