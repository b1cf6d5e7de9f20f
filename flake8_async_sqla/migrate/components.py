"""Which files have to change together."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator

from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.imports import resolve, source_of
from flake8_async_sqla.semantics.types import ProjectModule


def components(modules: Iterable[Module]) -> list[set[Module]]:
    """Group modules: those that import one another, directly or through packages that re-export, go together."""
    group: dict[Module, set[Module]] = {module: {module} for module in modules}
    for module in group:
        for imported in _reached(module, set(group)):
            if group[imported] is not group[module]:
                merged = group[module] | group[imported]
                group.update(dict.fromkeys(merged, merged))
    return list({id(found): found for found in group.values()}.values())


def _reached(module: Module, wanted: set[Module]) -> Iterator[Module]:
    """Yield the wanted modules that a module imports, through ``__init__.py`` files too."""
    waiting, seen = [module], {module}
    while waiting:
        for imported in imports(waiting.pop()):
            if imported in seen:
                continue
            seen.add(imported)
            if imported in wanted:
                yield imported
            elif os.path.basename(imported.path) == "__init__.py":
                waiting.append(imported)


def imports(module: Module) -> Iterator[Module]:
    """Yield the modules of the project that a module imports."""
    for scope in module.index.scopes.values():
        bindings = [item for found in scope.names.values() for item in found if item.kind == "import"]
        whole = [alias.name for item in bindings if isinstance(item.node, ast.Import) for alias in item.node.names]
        for target in (*(item.target for item in bindings), *whole):
            if (source := source_of(module, target)) is not None:
                yield source[0]
            if isinstance(found := resolve(module, target), ProjectModule):
                yield found.module
        for star in scope.star_imports:
            if (source := source_of(module, f"{star}:*")) is not None:
                yield source[0]


def import_name(module: Module, importing: Module) -> str:
    """Return the name by which another module imports a module; empty if there is none."""
    name = module.relative_path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    names = (".".join(name.split(".")[start:]) for start in range(name.count(".") + 1))
    return next((name for name in names if module.project.resolve(name, importing.path) == module.path), "")
