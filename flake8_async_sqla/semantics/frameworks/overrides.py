"""FastAPI's dependency overrides, and what ``Depends()`` without an argument means."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.files.source import look_below, python_files, read_bytes
from flake8_async_sqla.semantics.frameworks.dependencies import depends_argument
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import parameters
from flake8_async_sqla.semantics.types import UNKNOWN, External, Type

_NAME = "dependency_overrides"


def depended(module: Module, call: ast.Call) -> ast.expr | None:
    """Return what a call of ``Depends`` depends on: its argument, or else the annotation that it belongs to."""
    if (given := depends_argument(call)) is not None:
        return given
    parent = module.parent(call)
    if isinstance(parent, ast.Tuple) and isinstance(module.parent(parent), ast.Subscript):
        return parent.elts[0]
    if not isinstance(parent, ast.arguments):
        return None
    annotation = next((argument.annotation for argument, default in parameters(parent) if default is call), None)
    if isinstance(annotation, ast.Subscript) and isinstance(annotation.slice, ast.Tuple):
        holder = module.type_of(annotation.value)
        if isinstance(holder, External) and holder.path.endswith(".Annotated"):
            return next(iter(annotation.slice.elts), None)
    return annotation


def overrides(module: Module, node: ast.Assign) -> Iterator[ast.expr]:
    """Yield what an assignment to ``app.dependency_overrides`` puts in the place of a dependency."""
    for target in node.targets:
        if isinstance(target, ast.Subscript) and _is_overrides(target.value):
            yield node.value
        elif _is_overrides(target) and isinstance(node.value, ast.Dict):
            yield from node.value.values


def overridden(module: Module, dependency: Type) -> bool:
    """Tell whether some file of the project may override a dependency.

    Args:
        module: The module that depends on it.
        dependency: The type of what is given to ``Depends``.
    """
    project = module.project
    look_below(project.root)
    if project.overrides is None:
        project.overrides = _keys(module)
    return any(key in (dependency, UNKNOWN) for key in project.overrides)


def _keys(module: Module) -> list[Type]:
    """Infer the types of the keys of all overrides in the project; `UNKNOWN` for those that cannot be seen."""
    keys: list[Type] = []
    for path in {module.path: None, **dict.fromkeys(python_files(module.project.root))}:
        if path == module.path or _NAME.encode() in (read_bytes(path) or b""):
            other = module if path == module.path else module.project.load(path)
            if other is not None:
                keys.extend(_keys_of(other))
    return keys


def _keys_of(module: Module) -> Iterator[Type]:
    for scope in module.index.scopes.values():
        for node in scope.nodes:
            if isinstance(node, ast.Attribute) and node.attr == _NAME:
                yield from _keys_at(module, node)


def _keys_at(module: Module, node: ast.Attribute) -> Iterator[Type]:
    parent = module.parent(node)
    outer = module.parent(parent) if parent is not None else None
    if isinstance(parent, ast.Subscript):
        yield module.type_of(parent.slice)
    elif isinstance(parent, ast.Attribute) and isinstance(outer, ast.Call):
        if parent.attr in ("setdefault", "__setitem__") and outer.args:
            yield module.type_of(outer.args[0])
        elif parent.attr == "update":
            yield from _keys_of_mapping(module, outer.args[0] if outer.args else None)
    elif (isinstance(parent, ast.Assign) and node in parent.targets) or isinstance(parent, ast.AugAssign):
        yield from _keys_of_mapping(module, parent.value)
    elif isinstance(parent, (ast.Call, ast.keyword, ast.Return, ast.Assign, ast.NamedExpr)):
        yield UNKNOWN


def _keys_of_mapping(module: Module, node: ast.expr | None) -> Iterator[Type]:
    if not isinstance(node, ast.Dict):
        yield UNKNOWN
        return
    for key in node.keys:
        yield module.type_of(key)


def _is_overrides(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == _NAME
