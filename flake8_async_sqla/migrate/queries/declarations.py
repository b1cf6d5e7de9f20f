"""Annotations that say ``Query`` where a ``Select`` is kept from now on."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.fixes.vocabulary import Code, Edit, ReplaceExpression, ReplaceName
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.queries.places import Lost, Place, Result, Variable
from flake8_async_sqla.semantics.blocking.sync_io import QUERY
from flake8_async_sqla.semantics.inference.annotations import parse_string
from flake8_async_sqla.semantics.inference.infer import infer
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import parameters
from flake8_async_sqla.semantics.types import External, Function

_SELECT = "sqlalchemy.Select"
_PATHS = (QUERY, "sqlalchemy.orm.query.Query")


def declaration_edits(kinds: Kinds, place: Place) -> Iterator[Edit]:
    """Yield what becomes of the annotations of a place.

    Raises:
        Lost: An annotation cannot be changed.
    """
    module = place.function.module if isinstance(place, Result) else place.module
    for annotation in _annotations(place):
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            yield from _quoted(module, annotation)
            continue
        for node in ast.walk(annotation):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "Query" in node.value:
                raise Lost(module, node, "Query has no asyncio form")
            if _is_query(kinds, module, node) and isinstance(node, ast.expr):
                yield _replaced(module, node)


def declared(kinds: Kinds, function: Function) -> Iterator[Place]:
    """Yield the parameters of a function, and its result, whose annotations say ``Query``."""
    module = function.module
    scope = module.index.scopes[function.node]
    places: list[Place] = [Variable(module, scope, parameter.arg) for parameter, _ in parameters(function.node.args)]
    for place in [*places, Result(function)]:
        if any(_says_query(kinds, module, found) for found in _annotations(place)):
            yield place


def _says_query(kinds: Kinds, module: Module, annotation: ast.expr) -> bool:
    if isinstance(annotation, ast.Constant):
        return _is_quoted(module, annotation)
    return any(_is_query(kinds, module, node) for node in ast.walk(annotation))


def _annotations(place: Place) -> list[ast.expr]:
    if isinstance(place, Result):
        found = [place.function.node.returns]
    else:
        found = [binding.annotation for binding in place.bindings] if isinstance(place, Variable) else []
    return [annotation for annotation in found if annotation is not None]


def _is_query(kinds: Kinds, module: Module, node: ast.AST) -> bool:
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return False
    kind = kinds.of(module, node)
    return isinstance(kind, External) and kind.path in _PATHS


def _replaced(module: Module, node: ast.expr) -> Edit:
    generic = module.parent(node)
    if isinstance(generic, ast.Subscript) and generic.value is node:
        code = Code("{select}[tuple[{cls}]]", {"cls": generic.slice}, {"select": _SELECT})
        return ReplaceExpression(generic, code)
    return ReplaceName(node, _SELECT)


def _quoted(module: Module, annotation: ast.Constant) -> Iterator[Edit]:
    if _is_quoted(module, annotation):
        yield ReplaceExpression(annotation, Code("{select}", symbols={"select": _SELECT}))
    elif "Query" in str(annotation.value):
        raise Lost(module, annotation, "Query has no asyncio form")


def _is_quoted(module: Module, annotation: ast.Constant) -> bool:
    parsed = parse_string(module, annotation)
    named = parsed.value if isinstance(parsed, ast.Subscript) else parsed
    kind = infer(module, named, module.scope_of(annotation)) if named is not None else None
    return isinstance(kind, External) and kind.path in _PATHS
