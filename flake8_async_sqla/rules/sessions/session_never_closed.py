"""
# session-never-closed

## What it does
Finds an async session that a function makes and never closes: a local variable that is neither entered with `async
with` nor closed, or a session that a FastAPI dependency returns instead of yielding it out of an `async with` block.

## Why is this bad?
The connection goes back to the pool only when the garbage collector finds the session, with a warning: `SAWarning: The
garbage collector is trying to clean up non-checked-in connection`. Until then the pool runs dry: `TimeoutError:
QueuePool limit of size 5 overflow 10 reached, connection timed out`.

## Example
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)


    async def count_users() -> int:
        session = factory()
        return (await session.execute(text("SELECT count(*) FROM users"))).scalar_one()

## Use instead
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    factory = async_sessionmaker(engine)


    async def count_users() -> int:
        async with factory() as session:
            return (await session.execute(text("SELECT count(*) FROM users"))).scalar_one()

## Fix safety
Unsafe: what follows in the same block moves into an `async with`, so that objects of the session are detached after it;
a dependency becomes a generator. Refused where the session is used outside of that block or before a dependency returns
it, and where a dependency is called directly too.

## References
- [SQLAlchemy: opening and closing a session](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#opening-and-closing-a-session)
- [FastAPI: dependencies with yield](https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import partial

from flake8_async_sqla.fixes.vocabulary import (
    Code,
    Edit,
    Fix,
    MakeAsync,
    Refusal,
    ReplaceExpression,
    ReplaceStatement,
    WrapStatements,
    unsafe,
)
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sessions.closing import Fate, fate, left_early
from flake8_async_sqla.rules.uses import assigned_names, uses
from flake8_async_sqla.semantics.files.importers import dependents
from flake8_async_sqla.semantics.frameworks.dependencies import is_dependency
from flake8_async_sqla.semantics.inference.calls import ASYNC_ENGINE, ASYNC_SESSION, argument
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.functions import is_generator, manager_kind, own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.identities import ASYNC_CONNECTION
from flake8_async_sqla.semantics.objects.origins import factory_of, origin_of
from flake8_async_sqla.semantics.subjects import SessionCall
from flake8_async_sqla.semantics.types import UNKNOWN, Function, FunctionNode, Instance, ProjectInstance

_ADVICE = "nothing closes this session, and its connection is not given back to the pool; open it with 'async with'"
_DETACHED = "objects of the session are detached once the block is left"


@rule(
    "ASQ211",
    symptom="QueuePool limit of size 5 overflow 10 reached, connection timed out",
    fixable="sometimes",
    types=(Function,),
)
def session_never_closed(subject: SessionCall | ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report local sessions that nothing closes."""
    session = _made_anew(module, subject) if isinstance(subject, ast.Call) else subject
    if session is None:
        return
    call = session.call
    function = module.function(call)
    if function is None or not is_a(session.made, ASYNC_SESSION) or not _takes_connections(module, session):
        return
    if isinstance(module.parent(call), (ast.Return, ast.Yield)):
        if is_dependency(module, function):
            yield Diagnostic(call, f"{_ADVICE} and yield it", partial(_yield_it, module, function, call))
        return
    names = assigned_names(module, call)
    if len(names) != 1 or names[0] in module.scope_of(call).foreign:
        return
    fates = {use: fate(module, function, use) for use in uses(module, call)}
    found = set(fates.values())
    if found <= {Fate.IDLE} or Fate.CLOSED in found or Fate.UNKNOWN in found:
        return
    if Fate.ENDED in found and not (
        _used_after_the_end(module, fates)
        or _left_by_failures(module, function, fates)
        or left_early(module, function, fates)
    ):
        return
    if Fate.RETURNED not in found:
        yield Diagnostic(at=call, message=_ADVICE, fix=partial(_wrap, module, call, names[0]))
    elif not is_generator(module, function) and is_dependency(module, function):
        yield Diagnostic(call, f"{_ADVICE} and yield it", partial(_yield_it, module, function, call))


def _used_after_the_end(module: Module, fates: Mapping[ast.Name, Fate]) -> bool:
    """Tell whether the last commit, which gives the connection back, is followed by a use that takes one again."""
    last = max((use for use, kind in fates.items() if kind is Fate.ENDED), key=lambda use: use.lineno)
    block = module.parent(module.statement(last))
    return any(
        kind is Fate.USED and use.lineno > last.lineno and module.parent(module.statement(use)) is block
        for use, kind in fates.items()
    )


def _left_by_failures(module: Module, function: FunctionNode, fates: Mapping[ast.Name, Fate]) -> bool:
    """Tell whether what raises while a dependency or context manager gives its session skips the commit after it."""
    if not is_dependency(module, function) and manager_kind(module, function) is None:
        return False
    given = [use for use, kind in fates.items() if kind is Fate.YIELDED]
    return any(not any(isinstance(outer, ast.Try) for outer in module.ancestors(use)) for use in given)


def _made_anew(module: Module, call: ast.Call) -> SessionCall | None:
    """Read a call of a project function that makes a session each time, and returns it at once."""
    callee, made = module.type_of(call.func), module.type_of(call)
    if not isinstance(callee, Function) or not isinstance(made, (Instance, ProjectInstance)) or made.origin is None:
        return None
    if {getattr(found, "id", "") for found in callee.node.decorator_list} - {"staticmethod", "classmethod"}:
        return None
    origin = made.origin
    at_once = isinstance(origin.module.parent(origin.call), ast.Return)
    own = at_once and origin.module.function(origin.call) is callee.node
    return SessionCall(call, made, direct=False) if own else None


def _takes_connections(module: Module, session: SessionCall) -> bool:
    """Tell whether the session takes connections out of a pool: one on a connection of its caller's does not."""
    if session.direct:
        return is_a(module.type_of(argument(session.call, "bind", 0)), ASYNC_ENGINE)
    factory = origin_of(factory_of(session.made))
    own = factory.module.type_of(argument(factory.call, "bind", 0)) if factory is not None else UNKNOWN
    return not is_a(module.type_of(argument(session.call, "bind")), ASYNC_CONNECTION) and not is_a(
        own, ASYNC_CONNECTION
    )


def _wrap(module: Module, call: ast.Call, name: str) -> Fix | Refusal:
    """Move what follows the assignment into an ``async with`` block."""
    statement = module.parent(call)
    function = module.function(call)
    block = next((block for block in _blocks(module.parent(statement)) if statement in block), []) if statement else []
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return Refusal("the session is not assigned by a plain statement")
    if not isinstance(function, ast.AsyncFunctionDef):
        return Refusal("the function is not a coroutine")
    rest = block[block.index(statement) + 1 :]
    inside = {node for later in rest for node in ast.walk(later)}
    reads = list(uses(module, call))
    if not rest or any(read not in inside for read in reads):
        return Refusal("the session is used outside of the block that makes it")
    last = max(position for position, later in enumerate(rest) if any(read in set(ast.walk(later)) for read in reads))
    header = Code(f"async with {{made}} as {name}:", nodes={"made": call})
    return unsafe(_DETACHED, ReplaceStatement(statement, Code("")), WrapStatements(rest[0], rest[last], header))


def _yield_it(module: Module, function: FunctionNode, call: ast.Call) -> Fix | Refusal:
    """Open the session with ``async with`` in a dependency and yield it."""
    if any(_calls(place, module, function) for place in dependents(module)):
        return Refusal("the dependency is called directly as well")
    if {getattr(decorator, "id", "") for decorator in function.decorator_list} - {"staticmethod"}:
        return Refusal("a decorator does more with what the dependency returns")
    statement = module.statement(call)
    edits: list[Edit] = []
    if isinstance(statement, ast.Assign):
        following = next((block for block in _blocks(module.parent(statement)) if statement in block), [])
        after = following[following.index(statement) + 1 :]
        if len(after) != 1 or not isinstance(after[0], ast.Return):
            return Refusal("the session is used before it is returned")
        edits.append(ReplaceStatement(after[0], Code("")))
    if sum(1 for _ in own_nodes(module, function, ast.Return, ast.Yield)) > 1:
        return Refusal("the dependency ends in several places")
    edits.append(
        ReplaceStatement(statement, Code("async with {made} as session:\n    yield session", nodes={"made": call}))
    )
    if isinstance(function, ast.FunctionDef):
        edits.append(MakeAsync(function))
    if function.returns is not None:
        iterator = Code(
            "{iterator}[{session}]",
            nodes={"session": function.returns},
            symbols={"iterator": "collections.abc.AsyncIterator"},
        )
        edits.append(ReplaceExpression(function.returns, iterator))
    return unsafe("whoever calls the function directly gets a generator", *edits)


def _calls(place: Module, module: Module, function: FunctionNode) -> bool:
    """Tell whether a module calls a function by itself."""
    if module != place and function.name not in place.text:
        return False
    for scope in place.index.scopes.values():
        for node in scope.nodes:
            if isinstance(node, ast.Call):
                kind = place.type_of(node.func)
                if isinstance(kind, Function) and kind.node is function and kind.module == module:
                    return True
    return False


def _blocks(node: ast.AST | None) -> list[list[ast.stmt]]:
    found = [getattr(node, name, None) for name in ("body", "orelse", "finalbody")]
    return [block for block in found if isinstance(block, list)]
