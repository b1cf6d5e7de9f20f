"""Coroutines that an object keeps: ``self.pending = session.commit()``."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.frameworks.callers import named
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import ProjectInstance


def never_read(module: Module, target: ast.expr) -> bool:
    """Tell whether nobody reads an attribute that a method assigns, in this file or in one that imports it.

    Args:
        module: The module of the method.
        target: What is assigned to: ``self.pending``.
    """
    if not isinstance(target, ast.Attribute) or not isinstance(module.type_of(target.value), ProjectInstance):
        return False
    return not any(_is_read(place, target.attr) for place in [module, *importers(module)])


def _is_read(module: Module, name: str) -> bool:
    if any(f"{quote}{name}{quote}" in module.text for quote in "'\"") or "__dict__" in module.text:
        return True
    return name in module.text and any(isinstance(use.ctx, ast.Load) for use in named(module, name))
