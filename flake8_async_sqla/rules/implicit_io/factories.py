"""What ASQ204 reports at the factory of sessions already."""

from __future__ import annotations

from flake8_async_sqla.semantics.flow.failure import Failure, Place
from flake8_async_sqla.semantics.flow.unit_of_work.options import maker
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Origin

_COMMITS = ("commit()", "end of the block")


def reported_at_factory(module: Module, failure: Failure, expired_by: Place | None) -> bool:
    """Tell whether a commit expired the object, and ASQ204 reports the factory that leaves it so in the same file."""
    factory = factory_behind(failure, expired_by)
    return factory is not None and factory.module == module


def factory_behind(failure: Failure, expired_by: Place | None) -> Origin | None:
    """Return the call that makes the factory, if a commit of one of its sessions expired what is read."""
    if expired_by is None or expired_by.what not in _COMMITS or failure.session is None:
        return None
    return maker(failure.session)
