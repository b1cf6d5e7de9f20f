"""What messages and fixes say of attributes that somebody out of sight reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flake8_async_sqla.fixes.vocabulary import Fix, Refusal
from flake8_async_sqla.rules.implicit_io.factories import reported_at_factory
from flake8_async_sqla.rules.implicit_io.loading import (
    advice,
    cause,
    failing,
    option,
    plan,
    subject,
    unloaded_by_refresh,
)
from flake8_async_sqla.rules.implicit_io.refreshing import loaded_or_refreshed, refresh
from flake8_async_sqla.semantics.flow.failure import Failure, Kind, Sink
from flake8_async_sqla.semantics.mapping import attribute
from flake8_async_sqla.semantics.module import Module

_STALE: dict[Kind, str] = {
    "expired": "{by} has expired",
    "server": "the database computes in {by}",
    "new": "the new object was never given",
}
_KINDS: tuple[Kind, ...] = ("relationship", "deferred", "raising", "polymorphic", "detached", *_STALE)


def unseen_reads(module: Module, *sinks: str) -> Iterator[tuple[Failure, Sink, str]]:
    """Yield the reads of some kinds of readers that fail.

    Args:
        module: The module.
        sinks: The kinds.

    Yields:
        The read, of a detached object as it was before; who reads; the exception.
    """
    for failure in failing(module, *_KINDS, sinks=True):
        sink = failure.sink
        if sink is None or sink.kind not in sinks:
            continue
        error = "InvalidRequestError" if failure.kind == "raising" else "MissingGreenlet"
        if failure.kind == "detached":
            error = "DetachedInstanceError"
            failure = replace(failure, kind=failure.missing or "relationship", cause=failure.source)
        if failure.kind != "expired" or not reported_at_factory(module, failure, failure.cause):
            yield failure, sink, error


def what(module: Module, failure: Failure) -> str:
    """Say what is read, and why it cannot be: ``'Author.books', which select(Author) (line 7) does not load``."""
    reason = _STALE.get(failure.kind, "{by} does not load").format(by=cause(module, failure))
    return f"{subject(module, failure)}, which {reason}"


def remedy(failure: Failure, error: str) -> str:
    """Say what to do."""
    if failure.kind in _STALE:
        detached = error == "DetachedInstanceError"
        return "refresh the object while its session is open" if detached else "await session.refresh() first"
    if unloaded_by_refresh(failure):
        return advice(failure)
    if failure.kind == "polymorphic":
        return "select the subclass, or add .options(selectin_polymorphic())"
    return f"add {f'.options({option(failure)})' if failure.query is not None else f'options=[{option(failure)}]'}"


def repair(module: Module, failure: Failure, error: str) -> Fix | Refusal:
    """Let the query load the attribute, or refresh the object before it is handed on."""
    if failure.kind == "polymorphic" or (failure.kind in _STALE and error == "DetachedInstanceError"):
        return Refusal("no option of the query alone would help")
    if failure.kind in _STALE:
        found = attribute(failure.cls, failure.attribute)
        alone = failure.kind == "server" or (found is not None and found.kind == "relationship")
        return refresh(module, failure, [failure.attribute] if alone else [])
    if unloaded_by_refresh(failure) and error == "DetachedInstanceError":
        return Refusal("no option of the query alone would help")
    said = plan(failure)
    if said is not None and failure.attribute in said.deferred | said.raising:
        return Refusal(f"the query leaves '{failure.attribute}' out on purpose")
    return loaded_or_refreshed(module, failure)
