"""What marshmallow's ``Schema.dump()`` reads of an object."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.flow.failure import Sink
from flake8_async_sqla.semantics.flow.reads.reads import NOTHING, OutOfSight, Reads
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import lineage
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.mapping.constants import text
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.schemas.expression import Expression
from flake8_async_sqla.semantics.types import ProjectClass, ProjectInstance

_SCHEMAS = frozenset({"marshmallow.Schema", "marshmallow.schema.Schema"})
_FIELDS = "marshmallow.fields."
_COMPUTED = frozenset({"Constant", "Function", "Method"})
_PLAIN_KEYWORDS = frozenset({"many", "partial", "unknown"})
_HOOKS = ("get_attribute", "dump", "_serialize")
MAX_REPEATS = 2


def dumped(module: Module, call: ast.Call) -> OutOfSight | None:
    """Tell what a call reads that may be ``Schema(many=True).dump(objects)``.

    Args:
        module: The module of the call.
        call: The call of a method named ``dump`` or ``dumps``.
    """
    assert isinstance(call.func, ast.Attribute)
    kind, value = module.type_of(call.func.value), argument(call, "obj", 0)
    if not isinstance(kind, ProjectInstance) or kind.origin is None or value is None or not _is_whole(kind.origin.call):
        return None
    reads = _reads(kind.cls, ())
    sink = Sink("marshmallow schema", kind.cls.node.name)
    return OutOfSight(call, value, reads, sink) if reads.attributes else None


def _is_whole(call: ast.Call) -> bool:
    """Tell whether a schema is made with all its fields: without ``only=`` and ``exclude=``."""
    return not call.args and all(keyword.arg in _PLAIN_KEYWORDS for keyword in call.keywords)


def _reads(cls: ProjectClass, within: tuple[ProjectClass, ...]) -> Reads:
    parts = [part for part in lineage(cls) if isinstance(part, ProjectClass)]
    libraries = {part for part in lineage(cls) if isinstance(part, str)} - {"builtins.object"}
    statements = [(part.module, statement) for part in parts for statement in part.node.body]
    unforeseen = not libraries or not libraries <= _SCHEMAS or any(_is_unforeseen(item) for _, item in statements)
    if unforeseen or within.count(cls) >= MAX_REPEATS:
        return NOTHING
    found = NOTHING
    seen: set[str] = set()
    for module, statement in statements:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
        value = getattr(statement, "value", None)
        if isinstance(target, ast.Name) and target.id not in seen:
            seen.add(target.id)
            found |= _field(module, target.id, value, (*within, cls)) if isinstance(value, ast.Call) else NOTHING
    return found


def _is_unforeseen(statement: ast.stmt) -> bool:
    """Tell whether a part of a schema may change which fields there are, or what they are read from."""
    if isinstance(statement, ast.ClassDef):
        return statement.name == "Meta"
    if not isinstance(statement, ast.FunctionDef):
        return False
    decorators = [getattr(item, "func", item) for item in statement.decorator_list]
    return statement.name in _HOOKS or any(_name(item) == "pre_dump" for item in decorators)


def _field(module: Module, name: str, call: ast.Call, within: tuple[ProjectClass, ...]) -> Reads:
    """Tell what a field reads."""
    path = callee(module, call)
    kind = path.removeprefix(_FIELDS)
    dropped = any(item.arg in (None, "load_only") for item in call.keywords)
    if not path.startswith(_FIELDS) or kind in _COMPUTED or dropped:
        return NOTHING
    attribute = argument(call, "attribute")
    source = text(module, attribute) if attribute is not None else name
    if not source or "." in source:
        return NOTHING
    return Reads({source: _below(module, kind, call, within)})


def _below(module: Module, kind: str, call: ast.Call, within: tuple[ProjectClass, ...]) -> Reads:
    """Tell what a field reads of the objects behind its attribute."""
    inner = argument(call, "cls_or_instance", 0) if kind == "List" else None
    if isinstance(inner, ast.Call):
        return _below(module, callee(module, inner).removeprefix(_FIELDS), inner, within)
    given = argument(call, "nested", 0) if kind in ("Nested", "Pluck") else None
    if given is None or any(item.arg in ("only", "exclude") for item in call.keywords):
        return NOTHING
    if isinstance(given, ast.Lambda):
        given = given.body
    if isinstance(given, ast.Call):
        if not _is_whole(given):
            return NOTHING
        given = given.func
    cls = Expression(module, given, module.index.top).settled().kind
    if not isinstance(cls, ProjectClass):
        return NOTHING
    if kind == "Pluck":
        return _reads(cls, within) & Reads({text(module, argument(call, "field_name", 1)): NOTHING})
    return _reads(cls, within)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
