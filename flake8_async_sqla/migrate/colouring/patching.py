"""Tests that put an object in the place of one of the project: ``monkeypatch.setattr(db, "engine", engine)``."""

from __future__ import annotations

import ast

from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.inference.twins import sync_class
from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.inference.classes import class_attribute, is_a
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import UNKNOWN, ProjectClass, ProjectInstance, ProjectModule, Type

_FIXTURE = "monkeypatch"


def takes_place(kinds: Kinds, module: Module, call: ast.Call) -> bool:
    """Tell whether a test only puts a synchronous object where the project keeps one, which becomes asynchronous too.

    Args:
        kinds: Types.
        module: The module that holds the call.
        call: Any call.
    """
    func, given = call.func, call.args[:3]
    if len(given) != 3 or not is_test(module) or not isinstance(func, ast.Attribute):
        return False
    target, name, _ = given
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str) or not _patches(kinds, module, func):
        return False
    return bool(sync_class(_kept(kinds, kinds.of(module, target), name.value)))


def _patches(kinds: Kinds, module: Module, func: ast.Attribute) -> bool:
    """Tell whether a method is pytest's ``monkeypatch.setattr()``, or ``patch.object()`` of a mock's library."""
    holder = func.value
    if func.attr == "object":
        return getattr(holder, "attr", getattr(holder, "id", "")) == "patch"
    if func.attr != "setattr" or is_a(kinds.of(module, holder), "pytest.MonkeyPatch"):
        return func.attr == "setattr"
    found = module.scope_of(holder).lookup(_FIXTURE) if isinstance(holder, ast.Name) and holder.id == _FIXTURE else None
    return found is not None and all(isinstance(binding.node, ast.arg) for binding in found[1])


def _kept(kinds: Kinds, holder: Type, name: str) -> Type:
    if isinstance(holder, ProjectModule):
        bindings = holder.module.index.find(name) or []
        found = [kinds.of(holder.module, binding.value) for binding in bindings if binding.value is not None]
        return found[0] if len(found) == len(bindings) == 1 else UNKNOWN
    if isinstance(holder, (ProjectClass, ProjectInstance)):
        cls = holder if isinstance(holder, ProjectClass) else holder.cls
        return class_attribute(cls, name, holder)
    return UNKNOWN
