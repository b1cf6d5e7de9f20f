"""Which calls change the database, and need a commit."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection

from flake8_async_sqla.semantics.engine.text import texts
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Instance, ProjectInstance

_CHANGING = frozenset({"insert", "update", "delete"})
_DDL = frozenset({"DDL", "CreateTable", "DropTable", "CreateIndex", "DropIndex", "CreateSchema", "DropSchema"})
_SQL = re.compile(r"\s*(?:insert|update|delete|merge|replace|create|alter|drop|truncate)\b", re.IGNORECASE)
_DDL_SQL = re.compile(r"\s*(?:create|alter|drop|truncate)\b", re.IGNORECASE)
_SCHEMA = frozenset({"create_all", "drop_all"})
_RUNNING = frozenset({"execute", "exec", "scalar", "scalars", "stream", "stream_scalars"})
MAX_HOPS = 6


def written(module: Module, call: ast.Call, made: Collection[ast.arg] = ()) -> tuple[ast.expr, bool] | None:
    """Return what a method of a session or connection certainly writes, and whether the session keeps it for a flush.

    Args:
        module: The module.
        call: The call of the method.
        made: Parameters that are given new objects, or statements that write.
    """
    assert isinstance(call.func, ast.Attribute)
    name = call.func.attr
    given = call.args[0] if call.args else call.keywords[0].value if call.keywords else None
    if given is None:
        return None
    if name in _RUNNING:
        statement = argument(call, "statement", 0) or given
        return (statement, False) if changes(module, statement, made) else None
    if name == "exec_driver_sql":
        return (given, False) if _says_change(module, given, made) else None
    if name == "run_sync":
        return (given, False) if isinstance(given, ast.Attribute) and given.attr in _SCHEMA else None
    if name in ("delete", "delete_all"):
        return given, True
    if name == "add":
        return (given, True) if new(module, given, made) else None
    if name == "add_all" and isinstance(given, (ast.List, ast.Tuple)) and given.elts:
        return (given.elts[0], True) if new(module, given.elts[0], made) else None
    if name == "add_all" and isinstance(given, (ast.ListComp, ast.GeneratorExp)):
        return (given.elt, True) if new(module, given.elt, made) else None
    return None


def changes(module: Module, statement: ast.expr, made: Collection[ast.arg] = (), hops: int = MAX_HOPS) -> bool:
    """Tell whether a statement certainly is an INSERT, UPDATE, DELETE or DDL."""
    if hops <= 0:
        return False
    if isinstance(statement, ast.Name):
        found = module.scope_of(statement).lookup(statement.id)
        if is_handed(module, statement, made):
            return True
        values = [binding.value for binding in found[1]] if found is not None else []
        return bool(values) and all(value is not None and changes(module, value, made, hops - 1) for value in values)
    if not isinstance(statement, ast.Call):
        return False
    path = callee(module, statement)
    last = path.rpartition(".")[2]
    if path.startswith(("sqlalchemy.", "sqlmodel.")):
        if last in _CHANGING or last in _DDL:
            return True
        if last == "text":
            sql = argument(statement, "text", 0)
            return sql is not None and _says_change(module, sql, made)
    if isinstance(statement.func, ast.Attribute) and not path:
        if statement.func.attr in _CHANGING and isinstance(table := module.type_of(statement.func.value), Instance):
            return table.cls == "sqlalchemy.Table"
        return changes(module, statement.func.value, made, hops - 1)
    return False


def is_ddl(module: Module, statement: ast.expr, made: Collection[ast.arg] = ()) -> bool:
    """Tell whether what is written is the schema, or may be."""
    if isinstance(statement, ast.Attribute):
        return statement.attr in _SCHEMA
    if is_handed(module, statement, made):
        return False
    if isinstance(statement, ast.Name):
        found = module.scope_of(statement).lookup(statement.id)
        values = [binding.value for binding in found[1]] if found is not None else []
        known = texts(module, statement).known
        return (
            any(_DDL_SQL.match(text.value) for text in known)
            if known
            else any(value is None or is_ddl(module, value, made) for value in values)
        )
    path = callee(module, statement) if isinstance(statement, ast.Call) else ""
    if not path and isinstance(statement, ast.Call) and isinstance(statement.func, ast.Attribute):
        return statement.func.attr not in _CHANGING and is_ddl(module, statement.func.value, made)
    last = path.rpartition(".")[2]
    if last == "text" and isinstance(statement, ast.Call):
        sql = argument(statement, "text", 0)
        return sql is None or is_ddl(module, sql, made)
    if last in _CHANGING:
        return False
    known = texts(module, statement).known
    return not known or any(_DDL_SQL.match(text.value) for text in known)


def is_handed(module: Module, node: ast.expr, made: Collection[ast.arg]) -> bool:
    """Tell whether an expression is one of some parameters, which nothing else binds."""
    found = module.scope_of(node).lookup(node.id) if isinstance(node, ast.Name) and made else None
    return found is not None and len(found[1]) == 1 and found[1][0].node in made


def writing(module: Module, value: ast.expr, made: Collection[ast.arg] = ()) -> bool:
    """Tell whether what is given to a function certainly is, or says, an INSERT, UPDATE or DELETE."""
    if is_handed(module, value, made):
        return True
    return (changes(module, value, made) or _says_change(module, value)) and not is_ddl(module, value, made)


def _says_change(module: Module, sql: ast.expr, made: Collection[ast.arg] = ()) -> bool:
    if is_handed(module, sql, made):
        return True
    found = texts(module, sql)
    return bool(found.known) and not found.rebound and all(_SQL.match(text.value) for text in found.known)


def new(module: Module, node: ast.expr, fed: Collection[ast.arg] = ()) -> bool:
    """Tell whether an object certainly was made by the function that adds it, or by those that lead to it."""
    if isinstance(node, ast.Name):
        found = module.scope_of(node).lookup(node.id)
        if found is None or found[0].kind != "function":
            return False
        if is_handed(module, node, fed):
            return True
        values = [binding.value for binding in found[1] if binding.kind in ("value", "annotation")]
        return len(values) == len(found[1]) and all(value is not None and new(module, value) for value in values)
    if isinstance(node, ast.NamedExpr):
        return new(module, node.value, fed)
    if not isinstance(node, ast.Call):
        return False
    made = module.type_of(node)
    if isinstance(made, ProjectInstance):
        return True
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    validated = name == "model_validate" and isinstance(node.func, ast.Attribute)
    return validated or (name[:1].isupper() and not name.isupper())
