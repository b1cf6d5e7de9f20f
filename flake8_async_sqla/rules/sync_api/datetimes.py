"""Datetimes with and without a time zone: what expressions give, and what columns take."""

from __future__ import annotations

import ast
import re

from flake8_async_sqla.semantics.files.source import python_files, read
from flake8_async_sqla.semantics.inference.bindings import reaching
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import lineage, scope_of_class
from flake8_async_sqla.semantics.inference.functions import is_generator, returned, transparent
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.mapping.model import Attribute
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.objects.origins import origin_of
from flake8_async_sqla.semantics.types import External, Function, Instance, ProjectClass

_ZONES = frozenset({"datetime.timezone.utc", "datetime.UTC", "pytz.utc", "pytz.UTC"})
_ZONE_CLASSES = ("zoneinfo.ZoneInfo", "datetime.timezone", "backports.zoneinfo.ZoneInfo")
_MAKERS = {"now": ("tz", 0), "fromtimestamp": ("tz", 1), "combine": ("tzinfo", 2)}
_NAIVE = frozenset(
    {
        "sqlalchemy.DateTime", "sqlalchemy.DATETIME", "sqlalchemy.TIMESTAMP",
        "sqlalchemy.dialects.postgresql.TIMESTAMP",
    }
)  # fmt: skip
_MAPPING = re.compile(r"type_annotation_map|advanced_alchemy|sqlmodel")
_COLUMNS = frozenset({"sqlalchemy.Column", "sqlalchemy.orm.mapped_column"})
_BASES = ("sqlalchemy.", "typing.", "builtins.", "abc.")
MAX_HOPS = 5


def is_aware(module: Module, node: ast.expr | None, hops: int = MAX_HOPS) -> bool:
    """Tell whether an expression certainly gives a datetime with a time zone."""
    if node is None or not hops:
        return False
    if isinstance(node, ast.Call):
        return _call_is_aware(module, node, hops - 1)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        moved = isinstance(node.op, ast.Add) or _is_timedelta(module, node.right)
        return moved and is_aware(module, node.left, hops - 1)
    if isinstance(node, ast.IfExp):
        return is_aware(module, node.body, hops - 1) and is_aware(module, node.orelse, hops - 1)
    if isinstance(node, ast.Name):
        scope = module.scope_of(node)
        found = scope.lookup(node.id)
        bindings = found[1] if found is not None else []
        if found is not None and found[0] is scope and len(bindings) > 1:
            bindings = reaching(module, bindings, node)
        return bool(bindings) and all(
            binding.kind in ("value", "annotation") and not binding.unpack and is_aware(module, binding.value, hops - 1)
            for binding in bindings
        )
    return False


def gives_aware(module: Module, node: ast.expr | None) -> bool:
    """Tell whether a column's default, a value or a function that gives one, is a datetime with a time zone."""
    if isinstance(node, ast.Lambda):
        return is_aware(module, node.body)
    if isinstance(node, ast.Call) and module.type_of(node.func) == External("functools.partial") and node.args:
        made = ast.Call(func=node.args[0], args=node.args[1:], keywords=node.keywords)
        return _path(module, node.args[0]) == "datetime.datetime.now" and _zone(module, argument(made, "tz", 0))
    kind = module.type_of(node) if node is not None else None
    return _returns_aware(kind, MAX_HOPS) if isinstance(kind, Function) else is_aware(module, node)


def _call_is_aware(module: Module, call: ast.Call, hops: int) -> bool:
    kind = module.type_of(call.func)
    if isinstance(kind, Function):
        return _returns_aware(kind, hops)
    path = kind.path if isinstance(kind, External) else ""
    if path == "datetime.datetime":
        return _zone(module, argument(call, "tzinfo", 7))
    if path.startswith("datetime.datetime.") and (maker := _MAKERS.get(path.rpartition(".")[2])) is not None:
        return _zone(module, argument(call, *maker))
    if not isinstance(call.func, ast.Attribute):
        return False
    receiver = call.func.value
    if call.func.attr == "replace":
        given = argument(call, "tzinfo", 7)
        if given is not None:
            return _zone(module, given) and _is_datetime(module, receiver)
        return is_aware(module, receiver, hops)
    return call.func.attr == "astimezone" and _is_datetime(module, receiver)


def _returns_aware(function: Function, hops: int) -> bool:
    module, node = function.module, function.node
    if isinstance(node, ast.AsyncFunctionDef) or is_generator(module, node) or not transparent(module, node):
        return False
    values = returned(module, node)
    return bool(values) and all(is_aware(module, value, hops) for value in values)


def _is_datetime(module: Module, node: ast.expr) -> bool:
    kind = module.type_of(node)
    is_instance = isinstance(kind, Instance) and kind.cls == "datetime.datetime"
    made = _path(module, node.func) if isinstance(node, ast.Call) else ""
    return is_instance or made.startswith("datetime.datetime") or is_aware(module, node)


def _is_timedelta(module: Module, node: ast.expr, hops: int = MAX_HOPS) -> bool:
    if isinstance(node, ast.BinOp):
        return any(_is_timedelta(module, side, hops) for side in (node.left, node.right))
    if isinstance(node, ast.Call) and _path(module, node.func) == "datetime.timedelta":
        return True
    kind = module.type_of(node)
    if isinstance(node, ast.Name) and hops:
        home, binding = definition(module, node, module.scope_of(node))
        if binding is not None and binding.value is not None and not binding.unpack:
            return _is_timedelta(home, binding.value, hops - 1)
    return isinstance(kind, Instance) and kind.cls == "datetime.timedelta"


def _zone(module: Module, node: ast.expr | None) -> bool:
    kind = module.type_of(node)
    if isinstance(kind, Instance) and kind.cls in _ZONE_CLASSES:
        return True
    return isinstance(kind, External) and kind.path in _ZONES


def _path(module: Module, node: ast.expr) -> str:
    kind = module.type_of(node)
    return kind.path if isinstance(kind, External) else ""


def declaration(column: Attribute) -> ast.AnnAssign | ast.Assign | None:
    """Return the statement that declares a column in a class body."""
    return column.node if isinstance(column.node, (ast.AnnAssign, ast.Assign)) else None


def is_naive(cls: ProjectClass, column: Attribute) -> bool:
    """Tell whether a column is certainly ``DateTime`` without time zone."""
    statement = declaration(column)
    if statement is None:
        return False
    module, value = column.module, statement.value
    call = column_call(column)
    if call is None and value is not None:
        return False
    given = column_type(module, call) if call is not None else None
    if given is not None:
        return is_naive_type(module, given)
    if call is not None and (call.args or argument(call, "type_") is not None or _hidden(call)):
        return False
    return isinstance(statement, ast.AnnAssign) and _annotated(module, statement) and plain_base(cls)


def column_call(column: Attribute) -> ast.Call | None:
    """Return the call of ``mapped_column()`` or ``Column()`` that declares a column, also inside of ``Field()``."""
    statement = declaration(column)
    value = statement.value if statement is not None else None
    if isinstance(value, ast.Call) and _path(column.module, value.func) == "sqlmodel.Field":
        value = argument(value, "sa_column")
    return value if isinstance(value, ast.Call) and _path(column.module, value.func) in _COLUMNS else None


def is_column(module: Module, call: ast.Call) -> bool:
    """Tell whether a call makes a column: ``mapped_column()``, ``Column()``, SQLModel's ``Field()``."""
    return _path(module, call.func) in (*_COLUMNS, "sqlmodel.Field")


def parts(module: Module, call: ast.Call) -> list[ast.Call]:
    """List a column's call, and the ``Column()`` inside of ``Field(sa_column=...)``."""
    inner = argument(call, "sa_column")
    return [call, inner] if isinstance(inner, ast.Call) and is_column(module, inner) else [call]


def column_type(module: Module, call: ast.Call) -> ast.expr | None:
    """Return what is given as the type of a column; ``None`` if nothing is, or it cannot be told."""
    rest = call.args[1:] if call.args and isinstance(call.args[0], ast.Constant) else call.args
    if rest:
        kind = module.type_of(rest[0])
        name = kind.path if isinstance(kind, External) else kind.cls if isinstance(kind, Instance) else ""
        return None if name in ("sqlalchemy.ForeignKey", "") else rest[0]
    return argument(call, "type_")


def is_naive_type(module: Module, node: ast.expr) -> bool:
    """Tell whether an expression is a type of datetimes without time zone."""
    kind = module.type_of(node)
    if isinstance(kind, External):
        return kind.path in _NAIVE
    made = origin_of(kind)
    if not isinstance(kind, Instance) or kind.cls not in _NAIVE or made is None or _hidden(made.call):
        return False
    zone = argument(made.call, "timezone", 0)
    return zone is None or (isinstance(zone, ast.Constant) and not zone.value)


def _hidden(call: ast.Call) -> bool:
    return any(keyword.arg is None for keyword in call.keywords)


def _annotated(module: Module, statement: ast.AnnAssign) -> bool:
    """Tell whether an annotation is ``Mapped[datetime]``, or the like with ``None``."""
    annotation = statement.annotation
    if not isinstance(annotation, ast.Subscript) or _path(module, annotation.value) != "sqlalchemy.orm.Mapped":
        return False
    inner = annotation.slice
    nodes = [inner.left, inner.right] if isinstance(inner, ast.BinOp) else [inner]
    if isinstance(inner, ast.Subscript) and _path(module, inner.value) == "typing.Optional":
        nodes = [inner.slice]
    kinds = [node for node in nodes if not (isinstance(node, ast.Constant) and node.value is None)]
    return [_path(module, node) for node in kinds] == ["datetime.datetime"]


def plain_base(cls: ProjectClass) -> bool:
    """Tell whether nothing gives ``datetime`` another column type: ``type_annotation_map``, a registry."""
    found = mapped_class(cls)
    if found is None:
        return not any(_MAPPING.search(read(path)) for path in python_files(cls.module.project.root))
    if not found.complete:
        return False
    for item in lineage(cls):
        if isinstance(item, str):
            if not item.startswith(_BASES):
                return False
        elif {"type_annotation_map", "registry"} & set(scope_of_class(item).names):
            return False
    return True
