"""What ``Mapped[...]`` says of an attribute."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from flake8_async_sqla.semantics.inference.annotations import alias_of, metadata, parse_string
from flake8_async_sqla.semantics.inference.infer import infer
from flake8_async_sqla.semantics.mapping.constructs import Construct, construct
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import parts
from flake8_async_sqla.semantics.names.scopes import Scope
from flake8_async_sqla.semantics.types import External, ProjectClass

_MAPPED = {
    "sqlalchemy.orm.Mapped": "",
    "sqlalchemy.orm.MappedColumn": "",
    "sqlalchemy.orm.Relationship": "",
    "sqlalchemy.orm.RelationshipProperty": "",
    "sqlalchemy.orm.DynamicMapped": "dynamic",
    "sqlalchemy.orm.WriteOnlyMapped": "write_only",
    "sqlalchemy.orm.dynamic.AppenderQuery": "dynamic",
    "sqlalchemy.orm.AppenderQuery": "dynamic",
}
_KEYED = frozenset(
    {"Dict", "DefaultDict", "KeyFuncDict", "Mapping", "MappedCollection", "MutableMapping", "dict", "defaultdict"}
)
_COLLECTIONS = frozenset(
    {
        "AbstractSet", "Collection", "Deque", "FrozenSet", "InstrumentedList", "InstrumentedSet", "List",
        "MutableSequence",
        "MutableSet", "OrderingList", "Sequence", "Set", "Tuple", "deque", "frozenset", "list", "set", "tuple",
    }
)  # fmt: skip
_WRAPPERS = frozenset({"Annotated", "Final", "Optional", "Required", "Union"})
MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Annotated:
    """What an annotation says.

    Attributes:
        mapped: Whether ``Mapped[...]`` or a relative of it is around it.
        lazy: ``dynamic`` or ``write_only`` where the annotation says so.
        plain: Whether it is a ``ClassVar``.
        path: Canonical path of the outermost external name, as ``...hybrid_property`` or ``...AssociationProxy``.
        element: The annotation of one object: the item of a collection, ``None`` taken away.
        scope: Where the names of ``element`` are looked up.
        uselist: Whether it is a collection.
        keyed: Whether it is a dictionary.
        columns: ``mapped_column()`` calls in ``Annotated[...]``.
    """

    mapped: bool = False
    lazy: str = ""
    plain: bool = False
    path: str = ""
    element: ast.expr | None = None
    scope: Scope | None = None
    uselist: bool = False
    keyed: bool = False
    columns: tuple[Construct, ...] = ()


def read(module: Module, node: ast.expr | None, scope: Scope) -> Annotated:
    """Read the annotation of an attribute.

    Args:
        module: The module that holds it.
        node: The annotation.
        scope: Where its names are looked up.
    """
    node = unquoted(module, node)
    if node is None:
        return Annotated()
    if not isinstance(node, ast.Subscript):
        return _inner(module, node, scope, Annotated(path=_path(module, node, scope)))
    path = _path(module, node.value, scope)
    if path.endswith(".ClassVar"):
        return Annotated(plain=True)
    found = Annotated(mapped=path in _MAPPED, lazy=_MAPPED.get(path, ""), path=path)
    return _inner(module, node.slice if found.mapped else node, scope, found)


def unquoted(module: Module, node: ast.expr | None) -> ast.expr | None:
    """Return an annotation, out of its quotes if it has any."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return parse_string(module, node)
    return node


def _path(module: Module, node: ast.expr, scope: Scope) -> str:
    kind = infer(module, node, scope)
    if isinstance(kind, External):
        return kind.path
    return node.id if isinstance(node, ast.Name) and scope.lookup(node.id) is None else ""


def _inner(module: Module, node: ast.expr | None, scope: Scope, outer: Annotated) -> Annotated:
    uselist, keyed = bool(outer.lazy), False
    columns = _columns(module, node, scope)
    for _ in range(MAX_DEPTH):
        node = unquoted(module, node)
        if isinstance(node, ast.BinOp):
            node = node.left if not _is_none(node.left) else node.right
        elif isinstance(node, ast.Subscript):
            name = _path(module, node.value, scope).rpartition(".")[2]
            arguments = parts(node.slice)
            if not arguments:
                break
            if name in _WRAPPERS:
                node = next((argument for argument in arguments if not _is_none(argument)), arguments[0])
            elif name in _KEYED or name in _COLLECTIONS:
                uselist, keyed = True, keyed or name in _KEYED
                node = arguments[-1] if name in _KEYED else arguments[0]
            else:
                uselist = uselist or _is_collection_class(module, node.value, scope)
                node = arguments[-1] if uselist else node
                break
        elif isinstance(node, (ast.Name, ast.Attribute)) and (alias := alias_of(module, node, scope)) is not None:
            module, node = alias
            scope = module.index.top
        else:
            break
    return Annotated(outer.mapped, outer.lazy, False, outer.path, node, scope, uselist, keyed, columns)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_collection_class(module: Module, node: ast.expr, scope: Scope) -> bool:
    """Tell whether a generic class of the project derives from a builtin collection."""
    kind = infer(module, node, scope)
    if not isinstance(kind, ProjectClass):
        return False
    bases = [base.value if isinstance(base, ast.Subscript) else base for base in kind.node.bases]
    return any(
        _path(kind.module, base, kind.module.scope_of(kind.node)).rpartition(".")[2] in _COLLECTIONS for base in bases
    )


def _columns(module: Module, node: ast.expr | None, scope: Scope) -> tuple[Construct, ...]:
    node = unquoted(module, node)
    if node is None:
        return ()
    if isinstance(node, ast.BinOp):
        return (*_columns(module, node.left, scope), *_columns(module, node.right, scope))
    if isinstance(node, ast.Subscript) and _path(module, node.value, scope).endswith((".Optional", ".Union")):
        return tuple(found for part in parts(node.slice) for found in _columns(module, part, scope))
    found = (construct(holder, item) for holder, item in metadata(module, node, scope))
    return tuple(item for item in found if item is not None)
