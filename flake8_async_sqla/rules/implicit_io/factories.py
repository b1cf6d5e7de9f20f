"""What ASQ204 reports at the factory of sessions already."""

from __future__ import annotations

from flake8_async_sqla.rules.sessions.expired import expired_reads
from flake8_async_sqla.semantics.flow.failure import Failure, Place
from flake8_async_sqla.semantics.module import Module

_COMMITS = ("commit()", "end of the block")


def reported_at_factory(module: Module, failure: Failure, expired_by: Place | None) -> bool:
    """Tell whether a commit expired the object, and ASQ204 reports the factory that leaves it so in the same file."""
    if expired_by is None or expired_by.what not in _COMMITS:
        return False
    return failure.session is not None and failure.session.module == module and bool(expired_reads(module))
