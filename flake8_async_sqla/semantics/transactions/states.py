"""The state of a session's transaction on the ways that lead to a place."""

from __future__ import annotations

import ast
from enum import Enum
from typing import NamedTuple, TypeAlias

from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.identity import Key

MAX_PATHS = 12


class Phase(Enum):
    """What a session's transaction is like.

    Attributes:
        UNKNOWN: Nothing is certain.
        IDLE: None has begun; the next use begins one.
        OFF: None has begun, and ``autobegin=False`` lets no use begin one.
        BEGUN: It has begun.
        ENDED: It was committed or rolled back inside the block that should do so.
        FAILED: A flush failed and nothing has rolled back yet.
        CLOSED: The connection is closed.
    """

    UNKNOWN = "unknown"
    IDLE = "idle"
    OFF = "off"
    BEGUN = "begun"
    ENDED = "ended"
    FAILED = "failed"
    CLOSED = "closed"


class Place(NamedTuple):
    """Where something happens.

    Attributes:
        module: The module of ``node``.
        node: The call, block or handler.
        site: What stands for it in the function that is looked at: itself, or the call that leads there.
        entry: Which of these calls it is, by count; 0 for the function itself.
        certain: Whether that call certainly gets there, as far as conditions in the functions called say.
    """

    module: Module
    node: ast.AST
    site: ast.AST
    entry: int = 0
    certain: bool = True


class Block(NamedTuple):
    """An ``async with`` of ``begin()`` or, with a savepoint, of ``begin_nested()``; ``entry`` as in `Place`."""

    node: ast.AST
    nested: bool
    entry: int


class Path(NamedTuple):
    """One way to a place.

    Attributes:
        phase: The transaction.
        blocks: The blocks of transactions around the place, outermost first.
        since: What led to the phase.
        fresh: Whether the session holds no objects yet.
    """

    phase: Phase = Phase.UNKNOWN
    blocks: tuple[Block, ...] = ()
    since: Place | None = None
    fresh: bool = False


class Write(NamedTuple):
    """A change that no commit has followed yet.

    Attributes:
        place: Where it is made.
        subject: What is written: the object or statement.
        orm: Whether the session keeps it until a flush.
        flushed: Whether the database has seen it.
        handed: Whether it is a statement that a caller has given.
    """

    place: Place
    subject: ast.expr
    orm: bool
    flushed: bool = False
    handed: bool = False


class State(NamedTuple):
    """What is known of one session or connection at a place.

    Attributes:
        paths: The ways there.
        pending: Changes that certainly were made, on some way, and not committed.
        dirty: Whether a flush may have something to do.
    """

    paths: frozenset[Path]
    pending: frozenset[Write] = frozenset()
    dirty: bool = False


World: TypeAlias = dict[Key, State]
START = State(frozenset({Path()}))


def join(first: World | None, second: World | None) -> World | None:
    """Merge what is known on two ways to a place; ``None`` for a way that does not get there."""
    if first is None or second is None or first is second:
        return second if first is None else first
    found = dict(first)
    for key in {**first, **second}:
        one, other = first.get(key, START), second.get(key, START)
        if one != other:
            paths = one.paths | other.paths
            paths = paths if len(paths) <= MAX_PATHS else START.paths
            found[key] = State(paths, one.pending | other.pending, one.dirty or other.dirty)
    return found
