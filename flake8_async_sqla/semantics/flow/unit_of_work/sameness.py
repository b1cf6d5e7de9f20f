"""Which objects may be one and the same."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.flow.state.heap import ObjectState, State
from flake8_async_sqla.semantics.inference.classes import lineage
from flake8_async_sqla.semantics.types import ProjectClass


def related(one: ProjectClass, other: ProjectClass) -> bool:
    """Tell whether an object may belong to both classes."""
    return one == other or one in lineage(other) or other in lineage(one)


def subclasses(cls: ProjectClass) -> list[ProjectClass]:
    """List the subclasses of a class in its own module."""

    def find() -> list[ProjectClass]:
        nodes = [node for node in cls.module.tree.body if isinstance(node, ast.ClassDef) and node is not cls.node]
        return [other for node in nodes if cls in lineage(other := ProjectClass(cls.module, node))]

    return cls.module.cached(("subclasses", cls.node), find)


def may_be_same(state: State, one: ObjectState, other: ObjectState) -> bool:
    """Tell whether an object may be another one, of what stands for all of a class not only a single one."""
    if one.life != other.life or one.life not in ("persistent", "flushed") or one.session is None:
        return False
    if not related(one.mapped.cls, other.mapped.cls) or not may_share(state, one.session, other.session):
        return False
    if isinstance(one.key, int) and isinstance(other.key, int) and one.key != other.key:
        return False
    if (one.made and other.made) or 0 < other.since < one.made or 0 < one.since < other.made:
        return False
    if (one.path and other.alone) or (other.path and one.alone):
        return False
    return not others_beside(other, one)


def may_share(state: State, one: int | None, other: int | None) -> bool:
    """Tell whether two sessions may be the same: only those that the function made are known to be others."""
    if one == other or one is None or other is None:
        return True
    return not state.sessions[one].own and not state.sessions[other].own


def others_beside(all_: ObjectState, one: ObjectState) -> bool:
    """Tell whether an object stands for others too than a single one, which was in the table before."""
    return all_.count == "all" and one.count == "one" and not one.made
