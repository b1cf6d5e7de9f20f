"""From a name to the one place that defines it, across files."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.scopes import Binding, Scope
from flake8_async_sqla.semantics.types import ProjectModule

MAX_HOPS = 20


def definition(module: Module, node: ast.expr, scope: Scope) -> tuple[Module, Binding | None]:
    """Find the single binding that a name or dotted name refers to, following imports.

    Args:
        module: The module that uses the name.
        node: A name, or an attribute of a module.
        scope: Where the name is looked up.

    Returns:
        The module that holds the binding and the binding; ``None`` as binding if there is none or more than one.
    """
    if isinstance(node, ast.Name):
        found = scope.lookup(node.id)
        if found is None:
            return starred(module, node.id)
        return _follow(module, found[1], set())
    if isinstance(node, ast.Attribute):
        from flake8_async_sqla.semantics.inference.infer import infer

        holder = infer(module, node.value, scope)
        home = holder.module if isinstance(holder, ProjectModule) else _plain_module(module, node.value, scope)
        if home is not None:
            return _follow(home, home.index.find(node.attr) or [], set())
    return module, None


def _plain_module(module: Module, node: ast.expr, scope: Scope) -> Module | None:
    """Find the module of the project that an imported name means, though it holds no type of interest: settings."""
    found = scope.lookup(node.id) if isinstance(node, ast.Name) else None
    if found is None or len(found[1]) != 1 or found[1][0].kind != "import":
        return None
    target = found[1][0].target
    source, _, name = target.partition(":")
    dotted = f"{source}{'' if source.endswith('.') else '.'}{name}" if name else source
    path = module.project.resolve(dotted, module.path)
    return module.project.load(path) if path is not None and path.endswith(".py") else None


def _follow(module: Module, bindings: list[Binding], seen: set[tuple[str, str]]) -> tuple[Module, Binding | None]:
    from flake8_async_sqla.semantics.names.imports import source_of

    for _ in range(MAX_HOPS):
        if len(bindings) != 1:
            return module, None
        if bindings[0].kind != "import":
            return module, bindings[0]
        source = source_of(module, bindings[0].target)
        if source is None:
            return module, None
        module, name = source
        bindings = module.index.find(name) or []
        if not bindings:
            return _starred(module, name, seen)
    return module, None


def starred(module: Module, name: str) -> tuple[Module, Binding | None]:
    """Find the single binding of a global that a module only has by ``from other import *``."""
    return _starred(module, name, set())


def _starred(module: Module, name: str, seen: set[tuple[str, str]]) -> tuple[Module, Binding | None]:
    """Look through the modules that are starred; one that has the name from where the search began is no help."""
    from flake8_async_sqla.semantics.names.imports import exports, source_of

    waiting = [module]
    seen.add((module.path, name))
    while waiting:
        current = waiting.pop()
        if current != module and (bindings := current.index.find(name)) is not None:
            found = _follow(current, bindings, seen)
            if found[1] is not None or len(bindings) != 1:
                return found
            continue
        for star in current.index.star_imports():
            source = source_of(current, f"{star}:{name}")
            if source is not None and (source[0].path, name) not in seen and exports(source[0], name):
                seen.add((source[0].path, name))
                waiting.append(source[0])
    return module, None
