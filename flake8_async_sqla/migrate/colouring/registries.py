"""Registries of sessions that nothing uses as such: who takes a session out of one closes it."""

from __future__ import annotations

import ast

from flake8_async_sqla.migrate.project import Sources, home, nodes
from flake8_async_sqla.semantics.inference.calls import SCOPED_SESSION
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Instance, Origin


def plain_registries(sources: Sources) -> dict[Origin, tuple[Module, ast.Call]]:
    """Find the calls of ``scoped_session`` that a factory can take the place of, with their modules."""
    found: dict[Origin, tuple[Module, ast.Call]] = {}
    for module in sources.modules:
        for call in nodes(module, ast.Call):
            assert isinstance(call, ast.Call)
            made = origin(module, call)
            if made is not None and len(call.args) == 1 and not call.keywords and _names(module, call):
                found[made] = module, call
    names = {target.id for module, call in found.values() for target in _names(module, call)}
    for module in sources.modules if found else ():
        for scope in module.index.scopes.values():
            attributes = [node for node in scope.nodes if isinstance(node, ast.Attribute) and node.attr in names]
            for use in (*attributes, *(use for name in names for use in scope.loads.get(name, ()))):
                made = origin(module, use)
                if made in found and not _gives_closed(module, use):
                    del found[made]
    return found


def origin(module: Module, node: ast.expr) -> Origin | None:
    """Say where the registry that an expression means was made; None for anything else."""
    kind = module.type_of(node)
    return kind.origin if isinstance(kind, Instance) and kind.cls == SCOPED_SESSION else None


def _names(module: Module, call: ast.Call) -> list[ast.Name]:
    statement = module.parent(call)
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return [target for target in targets if isinstance(target, ast.Name)]


def _gives_closed(module: Module, use: ast.expr) -> bool:
    """Tell whether a session is taken out of a registry and closed in the same function."""
    call = module.parent(use)
    if not isinstance(call, ast.Call) or call.func is not use or call.args or call.keywords:
        return False
    outer = module.parent(call)
    if isinstance(outer, ast.withitem):
        return True
    targets = outer.targets if isinstance(outer, ast.Assign) else []
    names = {target.id for target in targets if isinstance(target, ast.Name)}
    return any(
        isinstance(node, ast.Attribute) and node.attr == "close" and getattr(node.value, "id", None) in names
        for node in home(module, call).nodes
    )
