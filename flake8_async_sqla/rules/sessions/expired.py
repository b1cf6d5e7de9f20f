"""Reads of columns that a commit has just expired, on the plain path of one coroutine."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.calls import ASYNC_SESSION
from flake8_async_sqla.semantics.classes import is_a, lineage, scope_of_class
from flake8_async_sqla.semantics.functions import own_nodes
from flake8_async_sqla.semantics.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External, Instance, Member, ProjectClass, ProjectInstance, Type

_COLUMNS = frozenset({"sqlalchemy.orm.mapped_column", "sqlalchemy.Column", "sqlmodel.Field", "sqlmodel.main.Field"})
_MAPPED = frozenset({"sqlalchemy.orm.Mapped"})
_QUIET = frozenset({"commit", "close", "add", "expunge", "expunge_all", "begin"})


def expired_read(module: Module, coroutine: ast.AsyncFunctionDef) -> Iterator[tuple[Instance | ProjectInstance, ast.Attribute]]:
    """Yield sessions with a column read that follows a commit of theirs, with nothing between that could load it again."""
    for call in own_nodes(module, coroutine, ast.Call):
        assert isinstance(call, ast.Call)
        kind = module.type_of(call.func)
        if not isinstance(kind, Member) or kind.name != "commit" or not is_a(kind.receiver, ASYNC_SESSION):
            continue
        statement = module.statement(call)
        if isinstance(module.parent(call), ast.Await) and isinstance(statement, ast.Expr):
            read = _first_read(module, coroutine, statement, call)
            if read is not None:
                yield kind.receiver, read


def _first_read(module: Module, coroutine: ast.AsyncFunctionDef, commit: ast.stmt, call: ast.Call) -> ast.Attribute | None:
    objects = _persistent(module, coroutine, commit, call)
    for statement in _following(module, commit):
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                objects.pop(node.id, None)
        for node in ast.walk(statement):
            if isinstance(node, ast.Await):
                return None
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in objects:
                if isinstance(node.ctx, ast.Load) and _is_column(objects[node.value.id], node.attr):
                    return node
    return None


def _following(module: Module, statement: ast.stmt) -> list[ast.stmt]:
    """The statements that run next: those after it in its block, then those after a ``with`` around it is left."""
    found: list[ast.stmt] = []
    current: ast.AST = statement
    for parent in module.ancestors(statement):
        body = getattr(parent, "body", None)
        if not isinstance(body, list) or current not in body:
            break
        found.extend(body[body.index(current) + 1 :])
        if not isinstance(parent, (ast.AsyncWith, ast.With)):
            break
        current = parent
    return found


def _persistent(module: Module, coroutine: ast.AsyncFunctionDef, commit: ast.stmt, call: ast.Call) -> dict[str, ProjectClass]:
    """Objects that belong to the session at the commit: added to it, or got out of it by primary key."""
    session = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    found: dict[str, ProjectClass] = {}
    for node in own_nodes(module, coroutine, ast.Call):
        assert isinstance(node, ast.Call)
        if node.lineno >= commit.lineno or not isinstance(node.func, ast.Attribute) or not node.args:
            continue
        if ast.unparse(node.func.value) != session:
            continue
        if node.func.attr == "add" and isinstance(node.args[0], ast.Name):
            kind = module.type_of(node.args[0])
            if isinstance(kind, ProjectInstance):
                found[node.args[0].id] = kind.cls
        elif node.func.attr in ("get", "get_one"):
            _got(module, node, found)
    return found


def _got(module: Module, call: ast.Call, found: dict[str, ProjectClass]) -> None:
    awaited = module.parent(call)
    statement = module.parent(awaited) if isinstance(awaited, ast.Await) else None
    kind: Type = module.type_of(call.args[0])
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name) and isinstance(kind, ProjectClass):
        found[statement.targets[0].id] = kind


def _is_column(cls: ProjectClass, name: str) -> bool:
    for item in lineage(cls):
        if not isinstance(item, ProjectClass):
            continue
        for binding in scope_of_class(item).names.get(name, ()):
            value, annotation = binding.value, binding.annotation
            if isinstance(value, ast.Call) and callee(item.module, value) in _COLUMNS:
                return True
            if isinstance(annotation, ast.Subscript):
                kind = item.module.type_of(annotation.value)
                return isinstance(kind, External) and kind.path in _MAPPED and not isinstance(value, ast.Call)
            return False
    return False
