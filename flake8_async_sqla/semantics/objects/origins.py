"""From a session or connection back to the factory and engine that it comes from."""

from __future__ import annotations

from flake8_async_sqla.semantics.inference.calls import ASYNC_ENGINE, ENGINE, FACTORIES, PARTIAL, REGISTRIES, argument
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.types import UNKNOWN, Instance, Member, Origin, ProjectInstance, Type

_CONNECTIONS = ("sqlalchemy.Connection", "sqlalchemy.ext.asyncio.AsyncConnection")
MAX_HOPS = 6


def origin_of(kind: Type) -> Origin | None:
    """Return the call that made an instance."""
    return kind.origin if isinstance(kind, (Instance, ProjectInstance)) else None


def behind_partial(kind: Type) -> Type:
    """Return the type of what a ``functools.partial`` calls; any other type is what it was."""
    if isinstance(kind, Instance) and kind.cls == PARTIAL and kind.origin is not None:
        return kind.origin.module.type_of(kind.origin.call.args[0])
    return kind


def factory_of(session: Type) -> Type:
    """Return the type of the factory that made a session; `UNKNOWN` if it was made otherwise."""
    origin = origin_of(session)
    if origin is None:
        return UNKNOWN
    callee = origin.module.type_of(origin.call.func)
    if isinstance(callee, Member):
        callee = callee.receiver
    for _ in range(MAX_HOPS):
        if not is_a(callee, *REGISTRIES):
            break
        made = origin_of(callee)
        callee = made.module.type_of(argument(made.call, "session_factory", 0)) if made is not None else UNKNOWN
    return callee if is_a(callee, *FACTORIES) else UNKNOWN


def engine_of(kind: Type) -> Type:
    """Return the type of the engine behind a connection, session or factory; `UNKNOWN` if it cannot be seen."""
    if is_a(kind, ENGINE, ASYNC_ENGINE):
        return kind
    origin = origin_of(kind)
    if origin is None:
        return UNKNOWN
    if is_a(kind, *_CONNECTIONS):
        return Instance(ENGINE, origin)
    if not is_a(kind, *FACTORIES) and (factory := factory_of(kind)) is not UNKNOWN:
        return engine_of(factory)
    bind = argument(origin.call, "bind", 0)
    engine = origin.module.type_of(bind)
    return engine if is_a(engine, ENGINE, ASYNC_ENGINE) else UNKNOWN


def engine_origin(kind: Type) -> Origin | None:
    """Return the call that made the engine behind an object."""
    return origin_of(engine_of(kind))
