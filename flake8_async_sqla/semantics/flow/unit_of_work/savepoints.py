"""Savepoints: what changed since is expired when they are rolled back, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from flake8_async_sqla.semantics.flow.failure import Place
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.objects import unseen
from flake8_async_sqla.semantics.flow.state.slots import expired, maybe_expired
from flake8_async_sqla.semantics.flow.unit_of_work.sessions import flush


def begin_nested(state: State, session: int, place: Place) -> None:
    """Flush, and begin to take account of what changes."""
    flush(state, session, place)
    for number, held in [*state.objects.items()]:
        if held.session == session:
            state.objects[number] = replace(held, updated=False)


def nested_rollback(state: State, session: int, place: Place) -> None:
    """Roll back to a savepoint: what certainly changed since is expired; anything else may have changed."""
    for number, held in [*state.objects.items()]:
        if held.session == session and held.life == "persistent":
            changed = held.updated or bool(held.changed)
            held = expired(held, place) if changed else maybe_expired(held)
            state.objects[number] = replace(held, updated=False)
        elif held.session == session and held.life in ("pending", "flushed", "deleted"):
            unseen(state, number)
    state.sessions[session] = replace(state.sessions[session], written=())
