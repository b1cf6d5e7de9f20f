"""What a session was made with: ``expire_on_commit`` and ``autoflush`` of the calls that make it and its factory."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.inference.calls import ASYNC_SCOPED_SESSION, ASYNC_SESSION, argument
from flake8_async_sqla.semantics.inference.classes import class_attribute, inherits_constructor, is_a
from flake8_async_sqla.semantics.mapping.constants import UNSEEN, constant
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.origins import factory_of, origin_of
from flake8_async_sqla.semantics.types import UNKNOWN, External, Manager, Origin, ProjectClass, ProjectInstance, Type

_SYNC_CLASS = "sync_session_class"


def options(kind: Type, given: Type = UNKNOWN) -> tuple[bool | None, bool | None]:
    """Tell ``expire_on_commit`` and ``autoflush`` of a session; None where they cannot be seen.

    Args:
        kind: The type of the session.
        given: The type of the factory that a caller has given, where the call that makes the session does not tell it.
    """
    calls = makers(kind, given)
    if not calls or any(_configured(origin) for origin in calls) or _wraps_another(kind, calls):
        return None, None
    return _option(calls, "expire_on_commit"), _option(calls, "autoflush")


def makers(kind: Type, given: Type = UNKNOWN) -> list[Origin]:
    """List the calls whose keywords decide over a session, nearest first: its own, its factory's; empty if unseen."""
    made = origin_of(kind)
    if made is None or _overridden(kind):
        return []
    factory = factory_of(kind)
    if is_a(kind, ASYNC_SCOPED_SESSION):
        factory = made.module.type_of(argument(made.call, "session_factory", 0))
        return [origin] if (origin := origin_of(factory)) is not None and not _overridden(factory) else []
    if (origin := origin_of(factory)) is None and origin_of(given) is not None:
        factory, origin = given, origin_of(given)
    if origin is not None:
        return [] if _overridden(factory) else [made, origin]
    direct = isinstance(made.module.type_of(made.call.func), (External, ProjectClass))
    return [made] if direct and is_a(kind, ASYNC_SESSION) else []


def maker(session: Origin) -> Origin | None:
    """Return the call of the factory, or else of the session's class, behind the call that made a session."""
    kind = session.module.type_of(session.call)
    calls = makers(kind.result if isinstance(kind, Manager) else kind)
    return calls[-1] if calls else None


def _overridden(kind: Type) -> bool:
    return isinstance(kind, ProjectInstance) and not inherits_constructor(kind.cls)


def _wraps_another(kind: Type, calls: list[Origin]) -> bool:
    """Tell whether the session works through a class of the project, which may decide for itself."""
    given = [origin.module.type_of(argument(origin.call, _SYNC_CLASS)) for origin in calls]
    own = class_attribute(kind.cls, _SYNC_CLASS) if isinstance(kind, ProjectInstance) else UNKNOWN
    return any(isinstance(cls, ProjectClass) and not inherits_constructor(cls) for cls in (*given, own))


def _option(calls: list[Origin], name: str) -> bool | None:
    for origin in calls:
        for keyword in origin.call.keywords:
            if keyword.arg is None:
                return None
            if keyword.arg == name:
                return _truth(origin.module, keyword.value)
    return True


def _truth(module: Module, value: ast.expr) -> bool | None:
    """Tell whether a value is true, also one of the settings that the project makes with their defaults."""
    holder = module.type_of(value.value) if isinstance(value, ast.Attribute) else UNKNOWN
    if isinstance(holder, ProjectInstance) and holder.origin is None:
        return None
    found = constant(module, value)
    return bool(found) if found is not UNSEEN else None


def _configured(origin: Origin) -> bool:
    """Tell whether the module of a factory configures it again, or sets the option on a session."""
    module = origin.module
    if "configure(" not in module.text and ".expire_on_commit" not in module.text:
        return False
    for scope in list(module.index.scopes.values()):
        for node in scope.nodes:
            if not isinstance(node, ast.Attribute):
                continue
            if node.attr == "expire_on_commit" and isinstance(node.ctx, ast.Store):
                return True
            if node.attr == "configure" and origin_of(module.type_of(node.value)) == origin:
                return True
    return False
