"""The page "Find your error": from what a user sees to the rules about it, and what to do meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from flake8_async_sqla.rules.model import Rule

_INTRODUCTION = """\
# Find your error

Type a piece of the message, or of what you observe. The rules below it find the code that leads there:
`flake8-async-sqla check` says which line it is.
"""


class Error(NamedTuple):
    """What a user sees.

    Attributes:
        anchor: Names the section in links.
        title: The heading, a piece of the message where there is one.
        words: What the pages of the rules about it say, as a regular expression.
        why: Why it happens.
        do: What to do.
    """

    anchor: str
    title: str
    words: str
    why: str
    do: str

    def rules(self, rules: Iterable[Rule]) -> list[Rule]:
        """Return the rules whose pages say the words, those first that have them for their symptom."""
        found = [rule for rule in rules if re.search(self.words, f"{rule.symptom} {_why(rule)}")]
        return sorted(found, key=lambda rule: re.search(self.words, rule.symptom) is None)


ERRORS = (
    Error(
        "missing-greenlet",
        "`MissingGreenlet: greenlet_spawn has not been called; can't call await_only() here`",
        "MissingGreenlet",
        "SQLAlchemy wanted to talk to the database in a place where nothing can be awaited: an attribute read, a "
        "property, a listener, or a synchronous call on an async engine. SQLAlchemy 2.1 says `await_()`, and often wraps "
        "it in a `StatementError`; FastAPI wraps it in a `ResponseValidationError`.",
        "Let the query load what is read later: `.options(selectinload(Author.books))`. Make sessions with "
        "`expire_on_commit=False`. `await session.refresh(author, ['books'])` where the object is new or expired. Put "
        "synchronous work into a function for `run_sync()`.",
    ),
    Error(
        "concurrent",
        "`This session is provisioning a new connection; concurrent operations are not permitted`",
        "concurrent operations|IllegalStateChangeError|another operation is in progress",
        "A session is one conversation with one connection, and two tasks talk at once. It shows as "
        "`IllegalStateChangeError` when one of them closes the session, and as asyncpg's `InterfaceError: cannot perform "
        "operation: another operation is in progress` when they meet in the driver.",
        "Give each task and each request a session of its own: keep the `async_sessionmaker`, and open the session where "
        "it is used.",
    ),
    Error(
        "pool",
        "`QueuePool limit of size 5 overflow 10 reached, connection timed out`",
        "QueuePool limit|non-checked-in connection|too many clients|idle connections|pool runs dry",
        "Connections are taken and not given back: sessions that nobody closes, that are used again after they were "
        "closed, or that stay open as long as a stream or a task does; or each request makes an engine with a pool of "
        "its own. `The garbage collector is trying to clean up non-checked-in connection` is the same, seen later.",
        "Open sessions with `async with`. Make one engine for the process. A larger pool only puts it off.",
    ),
    Error(
        "never-awaited",
        "`RuntimeWarning: coroutine 'AsyncSession.commit' was never awaited`",
        "never awaited",
        "A coroutine runs only when it is awaited. What was to happen did not, and no exception says so.",
        "Await it. Where something synchronous calls a coroutine, as a listener, `closing()` or a thread-local registry "
        "does, take what its rule's page names.",
    ),
    Error(
        "coroutine-attribute",
        "`'coroutine' object has no attribute 'scalars'`, `'coroutine' object is not iterable`",
        "'coroutine' object|got ScalarResult",
        "The await is missing, or it stands where it takes too much: `await session.execute(query).scalars()` asks the "
        "coroutine for `scalars`.",
        "Put brackets around the await: `(await session.execute(query)).scalars()`.",
    ),
    Error(
        "await-expression",
        "`object ... can't be used in 'await' expression`",
        "'await' expression",
        "What is awaited is no coroutine: `NoneType` comes from `add()` and its like, `list`, `Row` and the objects "
        "themselves from a result that was awaited already, `AsyncSession` from calling the factory. "
        "`ChunkedIteratorResult` and `CursorResult` come from `execute()` of a *synchronous* session or connection.",
        "Remove the await; or, of `ChunkedIteratorResult`, make the session with `async_sessionmaker()` of an engine of "
        "`create_async_engine()`.",
    ),
    Error(
        "context-manager",
        "`object does not support the asynchronous context manager protocol`, `AttributeError: __aenter__`",
        "context manager protocol|__aenter__|is not an async iterator|is not a callable object",
        "`with` and `async with` are mixed up, a factory or a dependency stands where a session should, or a decorator "
        "too many or too few makes something else of a generator.",
        "Async sessions, engines and transactions are entered with `async with`. FastAPI wants generators without "
        "`@asynccontextmanager`; everybody else wants it.",
    ),
    Error(
        "no-attribute",
        "`'AsyncSession' object has no attribute 'query'`",
        "'(Async|async)\\w+' object has no attribute|object has no attribute '(awaitable_attrs|run_sync)'|is not callable",
        "The object is another one than the code takes it for: an async session has no `query()`, a factory is no "
        "session, a generator has not started, SQLAlchemy's session has no `exec()`.",
        "Ask for what the class has: `select()` in place of `query()`; the rules' pages name the rest.",
    ),
    Error(
        "driver",
        "`The asyncio extension requires an async driver to be used`",
        "async driver|Can't load plugin|Pool class|expected, got Engine|Can't set server_side_cursors|interpolation",
        "The engine's URL, pool or options belong to the other kind of engine.",
        "Name the async driver in the URL, as in `postgresql+asyncpg://`, and leave the pool class out.",
    ),
    Error(
        "arguments",
        "`TypeError: Invalid argument(s) ... sent to create_engine()`, `got an unexpected keyword argument`",
        "Invalid argument|unexpected keyword argument|missing 1 required positional argument|cannot import name",
        "A keyword is misspelt, or belongs to another function: to the session and not to the engine, to the driver and "
        "not to SQLAlchemy.",
        "What the driver shall get goes into `connect_args`.",
    ),
    Error(
        "loop",
        "`got Future attached to a different loop`, `asyncio.run() cannot be called from a running event loop`",
        "different loop|running event loop|unclosed connection|async fixture",
        "A pooled connection belongs to the event loop that made it, and every `asyncio.run()`, and with many plugins "
        "every test, makes a new loop. Nor can a loop run inside of another one.",
        "One `asyncio.run()` for the program, `await engine.dispose()` at its end; `NullPool` or an engine for each test.",
    ),
    Error(
        "detached",
        "`DetachedInstanceError: Instance is not bound to a Session`",
        "DetachedInstanceError|lazy='raise'",
        "The session of the object is closed, or loading is forbidden, and the attribute was not loaded before.",
        "Let the query load it, and make sessions with `expire_on_commit=False`.",
    ),
    Error(
        "fastapi",
        "FastAPI: `ResponseValidationError`, 422 for a parameter that nobody declared, 201 for what was not saved",
        "ResponseValidationError|422|201",
        "FastAPI takes what it is given for something else, or reads attributes when nothing can be awaited any more.",
        "Depend on an undecorated async generator that yields the session, load what the response model reads, and "
        "commit before the response is made.",
    ),
    Error(
        "transaction",
        "`PendingRollbackError`, `Can't operate on closed transaction`, `A transaction is already begun`",
        "PendingRollback|closed transaction|already begun|ResourceClosedError|already started|not been started",
        "The transaction is not in the state that the code takes it to be in.",
        "Either the block owns the transaction (`async with session.begin():`, with no commit inside), or you commit and "
        "roll back yourself.",
    ),
    Error(
        "lost",
        "No error, but the changes are lost",
        r"changes are (lost|rolled back)|rolls? (it|them) back|Nothing happens|Nothing at all happens|no such table",
        "Nobody committed, somebody committed another session, or the coroutine that would have never ran.",
        "`await session.commit()`, in the session that holds the changes.",
    ),
    Error(
        "slow",
        "No error, but everything hangs or gets slow under load",
        "event loop stops|blocks the event loop|stay referenced",
        "Synchronous database work in a coroutine holds up all other requests until the database has answered.",
        "Use the async engine, hand the work to `asyncio.to_thread()`, or make the endpoint a plain `def`.",
    ),
)


def page(rules: Iterable[Rule]) -> str:
    """Render the page.

    Args:
        rules: The rules in the order of their codes.

    Returns:
        Markdown with one section per error, and one per symptom that belongs to none.
    """
    rules = list(rules)
    lines = [_INTRODUCTION]
    told: set[str] = set()
    for error in ERRORS:
        members = error.rules(rules)
        told |= {rule.code for rule in members}
        lines += [f"(error-{error.anchor})=", f"## {error.title}", "", error.why, "", f"**What to do.** {error.do}", ""]
        lines += [*map(_item, members), ""]
    for rule in rules:
        if rule.code not in told:
            symptom = rule.symptom.replace("<", "\\<")
            lines += [f"## {symptom[0].upper()}{symptom[1:]}", "", _item(rule), ""]
    return "\n".join(lines)


def of(rule: Rule) -> list[Error]:
    """Return the errors that lead to a rule, in the order of the page."""
    return [error for error in ERRORS if error.rules([rule])]


def _item(rule: Rule) -> str:
    return f"- [{rule.code}]({rule.code}.md) **{rule.name}**: {rule.summary}"


def _why(rule: Rule) -> str:
    section = re.search(r"^## Why is this bad\?\s+(.+?)(?=\n## )", rule.page, re.MULTILINE | re.DOTALL)
    return " ".join(section[1].split()) if section else ""
