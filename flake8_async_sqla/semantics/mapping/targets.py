"""The class that a relationship leads to."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.inference.infer import infer
from flake8_async_sqla.semantics.mapping.constants import text
from flake8_async_sqla.semantics.mapping.neighbours import class_named
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.scopes import Scope
from flake8_async_sqla.semantics.types import ProjectClass


def target(module: Module, node: ast.expr | None, scope: Scope, owner: ProjectClass) -> ProjectClass | None:
    """Return the mapped class that the argument or annotation of a relationship names.

    Args:
        module: The module that holds it.
        node: The argument: a class, its name in quotes, or a function that returns it.
        scope: Where its names are looked up.
        owner: The class that declares the relationship.
    """
    if node is None:
        return None
    if isinstance(node, ast.Lambda):
        node = node.body
    if isinstance(node, ast.Call) and not node.args:
        node = node.func
    kind = infer(module, node, scope)
    if isinstance(kind, ProjectClass):
        return kind
    if isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and (found := text(module, node))):
        name = node.value if isinstance(node, ast.Constant) else found
        return _named(module, name, scope, owner) if isinstance(name, str) else None
    return (
        _named(module, node.id, scope, owner) if isinstance(node, ast.Name) and scope.lookup(node.id) is None else None
    )


def _named(module: Module, name: str, scope: Scope, owner: ProjectClass) -> ProjectClass | None:
    name = name.strip()
    if not all(part.isidentifier() for part in name.split(".")):
        return None
    tree: ast.expr = ast.Name(name.partition(".")[0], ast.Load())
    for part in name.split(".")[1:]:
        tree = ast.Attribute(tree, part, ast.Load())
    kind = infer(module, tree, scope.module)
    if isinstance(kind, ProjectClass):
        return kind
    last = name.rpartition(".")[2]
    return owner if owner.node.name == last else class_named(module, last)
