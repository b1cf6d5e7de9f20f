"""What kinds of values columns take, and of what kind a value is."""

from __future__ import annotations

import ast

from flake8_async_sqla.rules.sync_api.datetimes import column_call, column_type, declaration, plain_base
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.mapping.constructs import Construct
from flake8_async_sqla.semantics.mapping.model import Attribute
from flake8_async_sqla.semantics.mapping.tables import table_of
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import STRING, External, Instance, ProjectClass

_KINDS = {
    "int": ("BIGINT", "BigInteger", "INTEGER", "Integer", "SMALLINT", "SmallInteger"),
    "str": ("CHAR", "String", "TEXT", "Text", "Unicode", "UnicodeText", "VARCHAR"),
    "float": ("DOUBLE", "DOUBLE_PRECISION", "Double", "FLOAT", "Float", "REAL"),
    "datetime": ("DATE", "DATETIME", "Date", "DateTime", "TIMESTAMP"),
}
_OF_TYPE = {name: kind for kind, names in _KINDS.items() for name in names}
_ANNOTATIONS = frozenset({"int", "str", "float"})
_REQUESTS = ("starlette.", "fastapi.", "aiohttp.", "litestar.")
_TEXTS_OF_REQUEST = frozenset({"cookies", "headers", "match_info", "query", "query_params"})
_STATEMENTS = frozenset({"sqlalchemy.insert", "sqlalchemy.update", "sqlalchemy.select"})
_OF_TABLE = frozenset({"delete", "insert", "select", "update"})
_JOINS = frozenset({"join", "join_from", "outerjoin", "outerjoin_from", "select_from"})
ERRORS = {
    ("int", "str"): "'str' object cannot be interpreted as an integer",
    ("float", "str"): "must be real number, not str",
    ("datetime", "str"): "'str' object has no attribute 'toordinal'",
    ("str", "int"): "expected str, got int",
    ("str", "float"): "expected str, got float",
}


def column_kind(cls: ProjectClass, column: Attribute) -> str:
    """Say what a column takes: ``int``, ``str``, ``float`` or ``datetime``; empty if in doubt."""
    statement = declaration(column)
    if statement is None or column.kind != "column":
        return ""
    module, value = column.module, statement.value
    call = column_call(column)
    if call is not None and (given := column_type(module, call)) is not None:
        return _type_kind(module, given)
    mapped = mapped_class(cls)
    if mapped is None or not isinstance(statement, ast.AnnAssign):
        return ""
    if mapped.sqlmodel:
        options = value.keywords if isinstance(value, ast.Call) else []
        other = any(keyword.arg in (None, "sa_type", "sa_column") for keyword in options)
        return "" if other or call is not None else _annotated(module, statement.annotation)
    if (call is None) != (value is None) or (call is not None and _has_unknown_type(module, call)):
        return ""
    annotation = statement.annotation
    inner = annotation.slice if isinstance(annotation, ast.Subscript) else None
    return _annotated(module, inner) if inner is not None and plain_base(cls) else ""


def _has_unknown_type(module: Module, call: ast.Call) -> bool:
    if argument(call, "type_") is not None or any(keyword.arg is None for keyword in call.keywords):
        return True
    rest = call.args[1:] if call.args and isinstance(call.args[0], ast.Constant) else call.args
    return any(_path(module, item) != "sqlalchemy.ForeignKey" for item in rest)


def _path(module: Module, node: ast.expr) -> str:
    kind = module.type_of(node)
    return kind.path if isinstance(kind, External) else kind.cls if isinstance(kind, Instance) else ""


def _type_kind(module: Module, node: ast.expr) -> str:
    path = _path(module, node)
    return _OF_TYPE.get(path.rpartition(".")[2], "") if path.startswith("sqlalchemy.") else ""


def _annotated(module: Module, node: ast.expr) -> str:
    """Read ``int``, ``int | None`` and ``Optional[int]``."""
    if isinstance(node, ast.BinOp):
        sides = [
            side for side in (node.left, node.right) if not (isinstance(side, ast.Constant) and side.value is None)
        ]
        return _annotated(module, sides[0]) if len(sides) == 1 else ""
    if isinstance(node, ast.Subscript):
        return _annotated(module, node.slice) if _path(module, node.value) == "typing.Optional" else ""
    if isinstance(node, ast.Name) and node.id in _ANNOTATIONS and module.scope_of(node).lookup(node.id) is None:
        return node.id
    return ""


def value_kind(module: Module, node: ast.expr | None) -> str:
    """Say what a value certainly is: ``str``, ``int`` or ``float``; empty if in doubt."""
    if isinstance(node, ast.Constant):
        kind = type(node.value).__name__
        return kind if kind in _ANNOTATIONS else ""
    if isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.JoinedStr)):
        found = module.type_of(node)
        if isinstance(found, Instance) and found.cls == STRING:
            return "str"
    return "str" if node is not None and _of_request(module, node) else ""


def _of_request(module: Module, node: ast.expr) -> bool:
    """Recognise ``request.query_params["limit"]`` and ``request.query_params.get("limit", "10")``."""
    if isinstance(node, ast.Name):
        found = module.scope_of(node).lookup(node.id)
        bindings = found[1] if found is not None else []
        binding = bindings[0] if len(bindings) == 1 else None
        simple = binding is not None and binding.kind in ("value", "annotation") and not binding.unpack
        value = binding.value if binding is not None and simple else None
        return value is not None and not isinstance(value, ast.Name) and _of_request(module, value)
    if isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Attribute) or node.func.attr != "get":
            return False
        default = node.args[1] if len(node.args) > 1 else None
        if default is not None and value_kind(module, default) != "str":
            return False
        node = node.func
    elif not isinstance(node, ast.Subscript):
        return False
    holder = node.value
    if not isinstance(holder, ast.Attribute) or holder.attr not in _TEXTS_OF_REQUEST:
        return False
    return _path(module, holder.value).startswith(_REQUESTS)


def subject_of(module: Module, node: ast.expr) -> ProjectClass | Construct | None:
    """Return the model or ``Table`` that a statement is about: ``update(Token).where(...)``, ``tokens.update()``."""
    while isinstance(node, (ast.Call, ast.Attribute)):
        if isinstance(node, ast.Call):
            kind = module.type_of(node.func)
            if isinstance(kind, External) and kind.path in _STATEMENTS:
                return _subject(module, node.args[0]) if len(node.args) == 1 else None
            node = node.func
        elif node.attr in _JOINS:
            return None
        else:
            own = node.attr in _OF_TABLE and isinstance(node.value, (ast.Name, ast.Attribute))
            if own and (table := table_of(module, node.value)) is not None:
                return table
            node = node.value
    return None


def _subject(module: Module, node: ast.expr) -> ProjectClass | Construct | None:
    kind = module.type_of(node)
    return kind if isinstance(kind, ProjectClass) else table_of(module, node)


def kind_of_column(module: Module, node: ast.expr) -> str:
    """Say what the ``Column(...)`` of a ``Table`` takes, as `column_kind` does."""
    given = column_type(module, node) if isinstance(node, ast.Call) else None
    return _type_kind(module, given) if given is not None else ""
