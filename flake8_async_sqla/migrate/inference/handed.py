"""Types that calls hand on to parameters."""

from __future__ import annotations

from flake8_async_sqla.semantics.types import Function, Instance, ProjectClass, ProjectInstance, Type

_LIBRARIES = ("sqlalchemy.", "sqlmodel.")


def travels(kind: Type) -> bool:
    """Tell whether calls hand a type on to parameters that do not declare theirs."""
    if isinstance(kind, Instance):
        return kind.cls.startswith(_LIBRARIES)
    return isinstance(kind, (ProjectInstance, Function, ProjectClass))


def without_origin(kind: Type) -> Type:
    """Forget which object it is, since several calls give one each."""
    if isinstance(kind, Instance):
        return Instance(kind.cls, None, kind.args)
    return ProjectInstance(kind.cls) if isinstance(kind, ProjectInstance) else kind
