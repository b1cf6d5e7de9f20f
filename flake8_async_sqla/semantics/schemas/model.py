"""A Pydantic or SQLModel schema as data."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from flake8_async_sqla.semantics.inference.classes import scope_of_class
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.names.nodes import parts
from flake8_async_sqla.semantics.schemas.aliases import FIELDS, Path, paths
from flake8_async_sqla.semantics.schemas.config import Config, own_config
from flake8_async_sqla.semantics.schemas.expression import Expression, last
from flake8_async_sqla.semantics.schemas.validators import hidden_fields
from flake8_async_sqla.semantics.types import External, ProjectClass

_MODELS: Mapping[str, Config] = {
    "pydantic.BaseModel": {},
    "pydantic.RootModel": {},
    "pydantic.generics.GenericModel": {},
    "pydantic.main.BaseModel": {},
    "pydantic.root_model.RootModel": {},
    "pydantic.v1.BaseModel": {},
    "msgspec.Struct": {"struct": True},
    "fastapi_users.schemas.BaseUser": {"from_attributes": True},
    "sqlmodel.SQLModel": {"from_attributes": True},
    "sqlmodel.main.SQLModel": {"from_attributes": True},
}
_NEUTRAL = frozenset({"typing.Generic", "typing_extensions.Generic", "abc.ABC", "builtins.object"})
_NO_FIELDS = frozenset(
    {
        "pydantic.PrivateAttr", "pydantic.fields.PrivateAttr", "sqlmodel.Relationship", "sqlmodel.main.Relationship",
    }
)  # fmt: skip
_UNREADABLE = ("getter_dict", "fields", "rename")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a schema.

    Attributes:
        name: Its name.
        annotation: Its type.
        paths: The attributes that it is read from; a path of several for ``AliasPath``.
        hidden: Whether a validator may put something else in the place of the attribute's value.
    """

    name: str
    annotation: Expression
    paths: tuple[Path, ...]
    hidden: bool


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema.

    Attributes:
        cls: The class.
        fields: Its fields by name, inherited ones included.
        from_attributes: Whether it may be made from any object by itself.
        table: Whether it is a SQLModel table: its instances are taken as they are.
        root: What a ``RootModel`` holds.
        own_constructor: Whether ``__init__`` takes what the class says, not the fields.
    """

    cls: ProjectClass
    fields: Mapping[str, Field]
    from_attributes: bool
    table: bool
    root: Expression | None
    own_constructor: bool


@dataclass(slots=True)
class _Parts:
    config: dict[str, object]
    declared: dict[str, tuple[Expression, list[ast.Call]]]
    hidden: set[str]
    root: Expression | None = None
    model: bool = False
    own_constructor: bool = False


def schema(cls: ProjectClass, arguments: list[Expression] | None = None) -> Schema | None:
    """Read a schema.

    Args:
        cls: The class.
        arguments: What stands for its type parameters.

    Returns:
        The schema; ``None`` if the class is none, or does what cannot be foreseen.
    """
    parts = _Parts({}, {}, set())
    if not _collect(cls, arguments or [], parts, ()) or not parts.model:
        return None
    if any(name in parts.config for name in _UNREADABLE):
        return None
    fields = {}
    for name, (annotation, calls) in parts.declared.items():
        hidden = name in parts.hidden or "*" in parts.hidden
        fields[name] = Field(name, annotation, tuple(paths(annotation.module, name, calls, parts.config)), hidden)
    from_attributes = parts.config.get("from_attributes", parts.config.get("orm_mode"))
    table = parts.config.get("table") is True
    return Schema(cls, fields, from_attributes is True, table, parts.root, parts.own_constructor)


def _collect(cls: ProjectClass, arguments: list[Expression], parts: _Parts, below: tuple[ProjectClass, ...]) -> bool:
    """Add what a class and its bases say, the farthest base first; False if something cannot be foreseen."""
    if cls in below or cls.node.decorator_list:
        return False
    given = tuple(zip(_parameters(cls), arguments, strict=False))
    scope = cls.module.scope_of(cls.node)
    for base in reversed(cls.node.bases):
        passed = Expression(cls.module, base, scope, given).arguments()
        kind = Expression(cls.module, base.value if isinstance(base, ast.Subscript) else base, scope).kind
        if isinstance(kind, ProjectClass):
            if not _collect(kind, passed, parts, (*below, cls)):
                return False
        elif not isinstance(kind, External) or not _external(kind.path, passed, parts):
            return False
    return _own(cls, given, parts)


def _external(path: str, arguments: list[Expression], parts: _Parts) -> bool:
    if path in _MODELS:
        parts.model = True
        parts.config.update(_MODELS[path])
        if last(path) == "RootModel" and arguments:
            parts.root = arguments[0]
        return True
    return path in _NEUTRAL


def _own(cls: ProjectClass, given: tuple[tuple[str, Expression], ...], parts: _Parts) -> bool:
    config, hidden = own_config(cls), hidden_fields(cls)
    if config is None or hidden is None:
        return False
    parts.config.update(config)
    parts.hidden.update(hidden)
    scope = scope_of_class(cls)
    parts.own_constructor |= "__init__" in scope.names
    for statement in cls.node.body:
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        name, value = statement.target.id, statement.value
        made = callee(cls.module, value) if isinstance(value, ast.Call) else ""
        annotation = Expression(cls.module, statement.annotation, scope, given)
        if name.startswith("_") or name == "model_config" or made in _NO_FIELDS or _class_variable(annotation):
            continue
        if parts.config.get("struct") and value is not None:
            continue  # an attribute that cannot be read is as good as none: the default stands in
        calls = [value] if isinstance(value, ast.Call) and made in FIELDS else []
        if name == "root" and parts.root is not None:
            parts.root = annotation
        else:
            parts.declared[name] = (annotation, [*_metadata(annotation), *calls])
    return True


def _class_variable(annotation: Expression) -> bool:
    settled = annotation.settled()
    head = settled.at(settled.node.value) if isinstance(settled.node, ast.Subscript) else settled
    return last(head.path) == "ClassVar"


def _metadata(annotation: Expression) -> list[ast.Call]:
    """List the calls of ``Field()`` in ``Annotated[...]``."""
    settled = annotation.settled()
    if not isinstance(settled.node, ast.Subscript) or last(settled.at(settled.node.value).path) != "Annotated":
        return []
    calls = [item.node for item in settled.arguments()[1:] if isinstance(item.node, ast.Call)]
    return [call for call in calls if settled.at(call.func).path in FIELDS]


def _parameters(cls: ProjectClass) -> list[str]:
    """Name the type parameters of a class: ``class Page[T]``, ``Generic[T]``."""
    declared = [parameter.name for parameter in getattr(cls.node, "type_params", ())]
    for base in cls.node.bases:
        if isinstance(base, ast.Subscript) and not declared:
            kind = cls.module.type_of(base.value)
            if isinstance(kind, External) and last(kind.path) in ("Generic", "Protocol"):
                declared = [item.id for item in parts(base.slice) if isinstance(item, ast.Name)]
    return declared
