"""What is read of an object when a schema, or a type made of schemas, validates it."""

from __future__ import annotations

import ast
import functools
import operator

from flake8_async_sqla.semantics.flow.reads.reads import NOTHING, Reads
from flake8_async_sqla.semantics.schemas.expression import Expression, last
from flake8_async_sqla.semantics.schemas.model import Field, Schema, schema
from flake8_async_sqla.semantics.types import MAPPINGS, ProjectClass

MAX_REPEATS = 2
MAX_DEPTH = 8
_COLLECTIONS = frozenset(
    {
        "AbstractSet", "Deque", "FrozenSet", "List", "MutableSequence", "Sequence", "Set", "Tuple", "conlist", "conset",
        "deque", "frozenset", "list", "set", "tuple",
    }
)  # fmt: skip
_SCALARS = frozenset(
    {"Decimal", "UUID", "bool", "bytes", "date", "datetime", "float", "int", "str", "time", "timedelta"}
)
_SAME = frozenset({"Final", "NotRequired", "Required", "RootModel", "SerializeAsAny"})
# Metadata that leaves the value alone until it is validated.
_LATE = frozenset(
    {
        "AfterValidator", "Body", "Discriminator", "Doc", "Field", "FieldInfo", "Ge", "Gt", "Le", "Len", "Lt", "MaxLen",
        "MinLen", "PlainSerializer", "StringConstraints", "Tag", "WrapSerializer",
    }
)  # fmt: skip


def read_by(annotation: Expression, forced: bool, within: tuple[ProjectClass, ...] = ()) -> Reads | None:
    """Tell what validation against a type certainly reads of an object, or of each object in a collection.

    Args:
        annotation: The type.
        forced: Whether attributes are read whatever the schemas are configured to (``from_attributes=True``).
        within: The schemas around it.

    Returns:
        The reads; ``None`` where no mapped object is accepted: they do not count among the parts of a union.
    """
    if len(within) > MAX_DEPTH:
        return NOTHING
    parts = [_alternative(part, forced, within) for part in annotation.alternatives()]
    accepting = [part for part in parts if part is not None]
    return functools.reduce(operator.and_, accepting) if accepting else None


def _alternative(part: Expression, forced: bool, within: tuple[ProjectClass, ...]) -> Reads | None:
    node = part.node
    if isinstance(node, ast.Constant):
        return None if node.value is None else NOTHING
    if isinstance(node, ast.Call):
        items = [part.at(node.args[0])] if node.args and last(part.at(node.func).path) in _COLLECTIONS else []
        return read_by(items[0], forced, within) if items else NOTHING
    head = part.at(node.value).settled() if isinstance(node, ast.Subscript) else part
    kind = head.kind
    if isinstance(kind, ProjectClass):
        return reads_of(kind, part.arguments(), forced, within)
    return _library_type(last(head.path), part.arguments(), forced, within)


def _library_type(
    name: str, arguments: list[Expression], forced: bool, within: tuple[ProjectClass, ...]
) -> Reads | None:
    if name in _SCALARS or name == "Literal":
        return None
    if not arguments:
        return NOTHING
    if name == "Annotated":
        late = all(_is_late(item) for item in arguments[1:])
        return read_by(arguments[0], forced, within) if late else NOTHING
    if name in _SAME:
        return read_by(arguments[0], forced, within)
    if name in MAPPINGS and len(arguments) == 2:
        return read_by(arguments[1], forced, within)
    if name not in _COLLECTIONS:
        return NOTHING
    items = [item for item in arguments if not (isinstance(item.node, ast.Constant) and item.node.value is ...)]
    kinds = [read_by(item, forced, within) for item in items]
    known = [kind for kind in kinds if kind is not None]
    return functools.reduce(operator.and_, known) if len(known) == len(kinds) else NOTHING if known else None


def _is_late(metadata: Expression) -> bool:
    node = metadata.node
    if isinstance(node, ast.Constant):
        return True
    return isinstance(node, ast.Call) and last(metadata.at(node.func).path) in _LATE


def reads_of(
    cls: ProjectClass, arguments: list[Expression], forced: bool, within: tuple[ProjectClass, ...] = ()
) -> Reads:
    """Tell what a schema certainly reads of an object.

    Args:
        cls: The class.
        arguments: What stands for its type parameters.
        forced: Whether attributes are read whatever the schema is configured to.
        within: The schemas around it; one that holds itself is followed a few times only.
    """
    if within.count(cls) >= MAX_REPEATS:
        return NOTHING
    found = schema(cls, arguments)
    if found is None or found.table:
        return NOTHING
    if found.root is not None:
        return read_by(found.root, forced, (*within, cls)) or NOTHING
    if not (forced or found.from_attributes):
        return NOTHING
    reads = NOTHING
    for field in found.fields.values():
        value = value_reads(field, forced, (*within, cls))
        for path in field.paths:
            below = value
            for name in reversed(path):
                below = Reads({name: below})
            reads |= below
    return reads


def value_reads(field: Field, forced: bool, within: tuple[ProjectClass, ...]) -> Reads:
    """Tell what a field reads of the value it is given."""
    return NOTHING if field.hidden else read_by(field.annotation, forced, within) or NOTHING


def field_for(found: Schema, key: str) -> Field | None:
    """Find the field that an item of a dictionary, or a keyword of the constructor, is for."""
    for field in found.fields.values():
        if (key,) in field.paths:
            return field
    return None
