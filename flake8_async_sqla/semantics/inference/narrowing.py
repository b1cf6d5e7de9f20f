"""What ``isinstance()`` says of a name or attribute where it was asked before."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TypeGuard

from flake8_async_sqla.semantics.inference.annotations import instance_of
from flake8_async_sqla.semantics.inference.classes import is_a, is_class, lineage
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import parts
from flake8_async_sqla.semantics.names.order import path
from flake8_async_sqla.semantics.types import (
    UNKNOWN,
    External,
    Instance,
    ProjectClass,
    ProjectInstance,
    Type,
    Unknown,
)

_ASKED = re.compile(r"isinstance\(\s*([\w.]+)\s*,")
_BORDERS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_CLASSES = (External, ProjectClass)
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_NAMES = (ast.Name, ast.Attribute)


def narrowed(module: Module, node: ast.Name | ast.Attribute, kind: Type) -> Type:
    """Say what a name or attribute is at a place where ``isinstance()`` has answered.

    Args:
        module: The module.
        node: The name or attribute.
        kind: What it is otherwise.
    """
    asked: dict[str, set[str]] = module.cached("isinstance", lambda: _asked(module.text))
    texts = asked.get(node.attr if isinstance(node, ast.Attribute) else node.id)
    if texts is None or not isinstance(kind, (Instance, ProjectInstance, Unknown)):
        return kind
    if (text := ast.unparse(node)) not in texts:
        return kind
    for test, holds in (*conditions(module, node), *_guards(module, node, text)):
        for classes, positive in _answers(test, text, holds):
            kind = _within(module, kind, classes) if positive else _without(module, kind, classes)
    return kind


def _asked(source: str) -> dict[str, set[str]]:
    """Sort what ``isinstance()`` is asked about by the last name in it."""
    found: dict[str, set[str]] = {}
    for text in _ASKED.findall(source):
        found.setdefault(text.rpartition(".")[2], set()).add(text)
    return found


def conditions(module: Module, node: ast.AST) -> Iterator[tuple[ast.expr, bool]]:
    """Yield the conditions around a node in its function, innermost first, with what came out."""
    inside = node
    for outer in module.ancestors(node):
        if isinstance(outer, _BORDERS):
            return
        if isinstance(outer, (ast.If, ast.IfExp)) and inside is not outer.test:
            body = outer.body if isinstance(outer.body, list) else [outer.body]
            yield outer.test, any(inside is part for part in body)
        elif isinstance(outer, ast.While) and any(inside is part for part in outer.body):
            yield outer.test, True
        elif isinstance(outer, ast.BoolOp):
            for earlier in outer.values:
                if earlier is inside:
                    break
                yield earlier, isinstance(outer.op, ast.And)
        inside = outer


def _guards(module: Module, node: ast.AST, text: str) -> Iterator[tuple[ast.expr, bool]]:
    """Yield what ``assert`` and the tests of branches that leave say where nothing is assigned to the name since."""
    for step in path(module, node):
        block = getattr(step.parent, step.field)
        if not isinstance(block, list):
            continue
        for earlier in reversed(block[: block.index(step.child)]):
            if isinstance(earlier, ast.Assert):
                yield earlier.test, True
            elif isinstance(earlier, ast.If) and not earlier.orelse and isinstance(earlier.body[-1], _LEAVING):
                yield earlier.test, False
            elif any(isinstance(part, _NAMES) and _stores(part, text) for part in ast.walk(earlier)):
                return


def _stores(node: ast.Name | ast.Attribute, text: str) -> bool:
    return isinstance(node.ctx, ast.Store) and ast.unparse(node) == text


def _answers(test: ast.expr, text: str, holds: bool) -> Iterator[tuple[list[ast.expr], bool]]:
    """Yield the classes that a condition says of an expression, and whether it is one of them."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield from _answers(test.operand, text, not holds)
    elif isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) is holds:
        for part in test.values:
            yield from _answers(part, text, holds)
    elif _asks(test) and ast.unparse(test.args[0]) == text:
        yield parts(test.args[1]), holds


def _asks(test: ast.expr) -> TypeGuard[ast.Call]:
    call = test if isinstance(test, ast.Call) and len(test.args) == 2 else None
    return call is not None and isinstance(call.func, ast.Name) and call.func.id == "isinstance"


def _within(module: Module, kind: Type, classes: list[ast.expr]) -> Type:
    found = [module.type_of(item) for item in classes]
    if any(_is(kind, item) for item in found):
        return kind
    only = found[0] if len(found) == 1 else UNKNOWN
    told = isinstance(only, _CLASSES) and (_extends(only, kind) or _is_async(only, kind))
    return instance_of(only) if told else UNKNOWN


def _without(module: Module, kind: Type, classes: list[ast.expr]) -> Type:
    return UNKNOWN if any(_is(kind, module.type_of(item)) for item in classes) else kind


def _is(kind: Type, cls: Type) -> bool:
    if isinstance(cls, External):
        return is_a(kind, cls.path)
    return isinstance(kind, ProjectInstance) and cls in lineage(kind.cls)


def _is_async(cls: External | ProjectClass, kind: Type) -> bool:
    """Tell whether nothing else is known, and a class belongs to SQLAlchemy's asyncio extension."""
    return kind is UNKNOWN and isinstance(cls, External) and cls.path.startswith("sqlalchemy.ext.asyncio.")


def _extends(cls: External | ProjectClass, kind: Type) -> bool:
    if isinstance(kind, Instance):
        return is_class(cls, kind.cls)
    return isinstance(kind, ProjectInstance) and isinstance(cls, ProjectClass) and kind.cls in lineage(cls)
