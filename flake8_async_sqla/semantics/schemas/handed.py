"""From a value and the type that validates it to the objects that are read."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.flow.failure import Sink
from flake8_async_sqla.semantics.flow.reads.reads import OutOfSight
from flake8_async_sqla.semantics.schemas.expression import Expression, last
from flake8_async_sqla.semantics.schemas.model import Schema, schema
from flake8_async_sqla.semantics.schemas.reading import field_for, read_by, value_reads
from flake8_async_sqla.semantics.types import ProjectClass

_ITEMS = (ast.ListComp, ast.GeneratorExp, ast.SetComp)


def handed(at: ast.expr, value: ast.expr, annotation: Expression, forced: bool, sink: Sink) -> Iterator[OutOfSight]:
    """Yield what validation of a value reads; of a dictionary that is written down, item by item.

    Args:
        at: What is reported.
        value: The value.
        annotation: The type that it is validated against.
        forced: Whether attributes are read whatever the schemas are configured to.
        sink: Who reads.
    """
    if isinstance(value, ast.Dict):
        yield from _items(at, value, annotation, forced, sink)
    elif isinstance(value, _ITEMS) and isinstance(value.elt, ast.Dict):
        yield from _items(at, value.elt, annotation, forced, sink)
    elif isinstance(value, (ast.List, ast.Tuple)) and any(isinstance(item, ast.Dict) for item in value.elts):
        for item in value.elts:
            yield from handed(at, item, annotation, forced, sink)
    elif (reads := read_by(annotation, forced)) is not None and reads.attributes:
        yield OutOfSight(at, value, reads, sink)


def _items(at: ast.expr, value: ast.Dict, annotation: Expression, forced: bool, sink: Sink) -> Iterator[OutOfSight]:
    found = _only_schema(annotation)
    for key, item in zip(value.keys, value.values, strict=True):
        if found is not None and isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield from given(at, key.value, item, found, forced, sink)


def given(at: ast.expr, key: str, value: ast.expr, found: Schema, forced: bool, sink: Sink) -> Iterator[OutOfSight]:
    """Yield what validation reads of a value that is given for one field."""
    field = field_for(found, key)
    if field is None or field.hidden:
        return
    if isinstance(value, ast.Dict) or (isinstance(value, _ITEMS) and isinstance(value.elt, ast.Dict)):
        yield from handed(at, value, field.annotation, forced, sink)
    elif (reads := value_reads(field, forced, ())).attributes:
        yield OutOfSight(at, value, reads, sink)


def _only_schema(annotation: Expression) -> Schema | None:
    """Find the schema that a dictionary is validated by: of ``Page``, ``Page[Author] | None`` or ``list[Page]``."""
    parts = [part for part in annotation.alternatives() if not isinstance(part.node, ast.Constant)]
    if len(parts) != 1:
        return None
    part = parts[0]
    head = part.at(part.node.value).settled() if isinstance(part.node, ast.Subscript) else part
    kind = head.kind
    if isinstance(kind, ProjectClass):
        return schema(kind, part.arguments())
    arguments = part.arguments()
    inside = last(head.path) in ("list", "List", "Sequence", "Annotated", "set", "tuple") and arguments
    return _only_schema(arguments[0]) if inside else None
