"""From an import statement to what it names."""

from __future__ import annotations

import ast
import os
from functools import cache

from flake8_async_sqla.facts.symbols import CANONICAL
from flake8_async_sqla.semantics import gate
from flake8_async_sqla.semantics.files.places import locate
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import UNKNOWN, External, Package, ProjectModule, Type, join


def external(path: str) -> External:
    """Name an object outside the project by its canonical path."""
    return External(CANONICAL.get(path, path))


def resolve(module: Module, target: str) -> Type:
    """Resolve the target of an import binding.

    Args:
        module: The module that imports.
        target: ``package.module`` or ``package.module:name``, with leading dots when relative.
    """
    source, separator, name = target.partition(":")
    path = module.project.resolve(source, module.path)
    if path is None:
        return UNKNOWN if source.startswith(".") else external(f"{source}.{name}" if separator else source)
    if not separator:
        return _module(module, path)
    if path.endswith(".py"):
        found = module.project.load(path) if _may_matter(module, path) else None
        if found is not None and (found.index.find(name) or found.index.star_imports()):
            value = global_type(found, name)
            if value is not UNKNOWN or found.index.find(name):
                return value
        if os.path.basename(path) != "__init__.py":
            return UNKNOWN
        path = os.path.dirname(path)
    submodule = locate(path, [name])
    return _module(module, submodule) if submodule is not None else UNKNOWN


def _module(module: Module, path: str) -> Type:
    if not path.endswith(".py"):
        return Package(module, path)
    if os.path.basename(path) != "__init__.py" and not _may_matter(module, path):
        return UNKNOWN
    loaded = module.project.load(path)
    return ProjectModule(loaded) if loaded is not None else UNKNOWN


def _may_matter(module: Module, path: str) -> bool:
    """Tell whether an imported file may hold something of interest: code of the database may hand it anything."""
    return module.project.outlines.relevant(path) or module.cached("database", lambda: gate.names_library(module.text))


def attribute(holder: ProjectModule | Package, name: str) -> Type:
    """Infer the type of ``module.name``: a global of the module, or a module below the package."""
    if isinstance(holder, ProjectModule):
        found = global_type(holder.module, name)
        if found is not UNKNOWN or os.path.basename(holder.module.path) != "__init__.py":
            return found
        directory = os.path.dirname(holder.module.path)
    else:
        directory = holder.directory
    path = locate(directory, [name])
    return _module(holder.module, path) if path is not None else UNKNOWN


def global_type(module: Module, name: str) -> Type:
    """Infer the type of a module's global name, star imports included."""
    key = ("global", module.path, name)
    return module.project.solve(key, module.globals, lambda: _global_type(module, name), UNKNOWN, module.path)


def _global_type(module: Module, name: str) -> Type:
    from flake8_async_sqla.semantics.inference.bindings import binding_type

    top = module.index.top
    if (bindings := top.find(name)) is not None:
        return join([binding_type(module, top, binding) for binding in bindings])
    for source in reversed(module.index.star_imports()):
        if (found := _starred(module, source, name)) is not UNKNOWN:
            return found
    return UNKNOWN


def _starred(module: Module, source: str, name: str) -> Type:
    path = module.project.resolve(source, module.path)
    if path is None:
        full = f"{source}.{name}"
        return external(full) if not source.startswith(".") and full in _paths() else UNKNOWN
    other = module.project.load(path) if path.endswith(".py") else None
    if other is None or other == module or not exports(other, name):
        return UNKNOWN
    return global_type(other, name)


def exports(module: Module, name: str) -> bool:
    """Tell whether ``from module import *`` binds a name of the module."""
    listed = module.index.find("__all__") or []
    value = listed[0].value if len(listed) == 1 else None
    if isinstance(value, (ast.List, ast.Tuple)) and all(isinstance(item, ast.Constant) for item in value.elts):
        return any(isinstance(item, ast.Constant) and item.value == name for item in value.elts)
    return not name.startswith("_")


@cache
def _paths() -> frozenset[str]:
    """All dotted paths of the libraries' objects that are known."""
    return frozenset(CANONICAL) | frozenset(CANONICAL.values())


def source_of(module: Module, target: str) -> tuple[Module, str] | None:
    """Find the project module that an ``import from`` takes a name out of; ``None`` outside the project."""
    source, _, name = target.partition(":")
    path = module.project.resolve(source, module.path)
    if not name or path is None or not path.endswith(".py"):
        return None
    loaded = module.project.load(path)
    return (loaded, name) if loaded is not None else None
