"""Which schemas can be filled from objects of a mapped class."""

from __future__ import annotations

import ast
from collections.abc import Collection

from flake8_async_sqla.migrate.project import Sources, nodes
from flake8_async_sqla.semantics.inference.classes import lineage, scope_of_class
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.mapping.classes import mapped_class
from flake8_async_sqla.semantics.schemas.aliases import FIELDS
from flake8_async_sqla.semantics.schemas.expression import Expression
from flake8_async_sqla.semantics.schemas.model import Field, Schema, schema
from flake8_async_sqla.semantics.types import ProjectClass

_SCALARS = frozenset(
    {"builtins.bool", "builtins.bytes", "builtins.float", "builtins.int", "builtins.str", "datetime.datetime"}
)


class Filling:
    """Tells which schemas cannot be made of which objects."""

    def __init__(self, sources: Sources) -> None:
        """Look at nothing yet."""
        self._sources = sources
        self._names: dict[ProjectClass, frozenset[str] | None] = {}
        self._schemas: dict[ProjectClass, Schema | None] = {}

    def reads(self, cls: ProjectClass, name: str, model: ProjectClass) -> bool:
        """Tell whether a schema may read a relationship; it does not where another field would be missing first.

        Args:
            cls: The schema.
            name: Its field, and the relationship's name.
            model: The mapped class.
        """
        if cls not in self._schemas:
            self._schemas[cls] = schema(cls)
        found, names = self._schemas[cls], self._attributes(model)
        if found is None or found.own_constructor or name not in found.fields:
            return True
        field = found.fields[name]
        if not field.hidden and all(
            part.path in _SCALARS or _is_none(part) for part in field.annotation.alternatives()
        ):
            return False
        return names is None or all(
            _is_there(other, names) or not _is_required(found.cls, other) for other in found.fields.values()
        )

    def _attributes(self, model: ProjectClass) -> frozenset[str] | None:
        """Return the attributes that objects of a class or its subclasses have; None if not all can be seen."""
        if model not in self._names:
            classes = [
                ProjectClass(module, node)
                for module in self._sources.modules
                for node in nodes(module, ast.ClassDef)
                if isinstance(node, ast.ClassDef) and model in lineage(ProjectClass(module, node))
            ]
            mapped = [mapped_class(cls) for cls in classes]
            seen = [found for found in mapped if found is not None and found.complete]
            complete = len(seen) == len(mapped) > 0
            self._names[model] = frozenset(name for found in seen for name in found.attributes) if complete else None
        return self._names[model]


def _is_scalar(part: Expression) -> bool:
    return part.path in _SCALARS or _is_none(part)


def _is_none(part: Expression) -> bool:
    return isinstance(part.node, ast.Constant) and part.node.value is None


def _is_there(field: Field, names: Collection[str]) -> bool:
    return field.hidden or any(path[0] in names or path[0].startswith("_") for path in field.paths if path)


def _is_required(cls: ProjectClass, field: Field) -> bool:
    """Tell whether a schema cannot be made without a field."""
    for owner in lineage(cls):
        bindings = scope_of_class(owner).names.get(field.name, []) if isinstance(owner, ProjectClass) else []
        for binding in bindings:
            value = binding.value
            if not isinstance(owner, ProjectClass) or len(bindings) != 1:
                return False
            if value is None:
                optional = "Optional" in ast.unparse(field.annotation.settled().node)
                return not optional and not any(_is_none(part) for part in field.annotation.alternatives())
            if not isinstance(value, ast.Call) or callee(owner.module, value) not in FIELDS:
                return isinstance(value, ast.Constant) and value.value is ...
            given = value.args[0] if value.args else None
            named = {keyword.arg for keyword in value.keywords}
            plain = given is None or (isinstance(given, ast.Constant) and given.value is ...)
            return plain and not named & {"default", "default_factory", None}
    return False
