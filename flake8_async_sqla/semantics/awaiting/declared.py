"""Whether an annotation rules out that a value is awaitable."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.inference.annotations import alias_of, parse_string
from flake8_async_sqla.semantics.inference.classes import class_attribute, lineage
from flake8_async_sqla.semantics.inference.infer import infer
from flake8_async_sqla.semantics.inference.members import fact
from flake8_async_sqla.semantics.mapping import is_mapped
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import parts
from flake8_async_sqla.semantics.names.scopes import Scope
from flake8_async_sqla.semantics.types import UNKNOWN, External, ProjectClass

_BUILTINS = frozenset(
    {"bool", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple", "type"}
)
_LIBRARIES = ("datetime.", "decimal.", "enum.", "pydantic.", "sqlalchemy.", "sqlmodel.", "uuid.")
_COLLECTIONS = frozenset(
    {
        "Collection", "DefaultDict", "Dict", "FrozenSet", "Iterable", "Iterator", "List", "Mapping", "MutableMapping",
        "MutableSequence", "OrderedDict", "Sequence", "Set", "Tuple",
    }
)  # fmt: skip
_TYPING = ("typing.", "typing_extensions.", "collections.")
MAX_DEPTH = 10


def declares_value(module: Module, node: ast.expr | None, scope: Scope, depth: int = MAX_DEPTH) -> bool:
    """Tell whether an annotation certainly names values that cannot be awaited: ``int``, ``User | None``.

    Args:
        module: The module that holds the annotation.
        node: The annotation.
        scope: Where its names are looked up.
        depth: How many aliases and type arguments to follow.
    """
    if node is None or depth <= 0:
        return False
    match node:
        case ast.Constant(value=None):
            return True
        case ast.Constant(value=str()):
            return declares_value(module, parse_string(module, node), scope, depth - 1)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return all(declares_value(module, side, scope, depth - 1) for side in (left, right))
        case ast.Subscript(value=base, slice=inner):
            return _generic(module, base, inner, scope, depth)
        case ast.Name() | ast.Attribute():
            return _named(module, node, scope, depth)
    return False


def declares_items(module: Module, node: ast.expr, scope: Scope) -> bool:
    """Tell whether an annotation certainly names a collection of values that cannot be awaited: ``dict[str, User]``.

    Args:
        module: The module that holds the annotation.
        node: The annotation.
        scope: Where its names are looked up.
    """
    parsed = parse_string(module, node) if isinstance(node, ast.Constant) else node
    if not isinstance(parsed, ast.Subscript) or not declares_value(module, parsed.value, scope):
        return False
    items = parts(parsed.slice)[-1:]
    return any(declares_value(module, item, scope) or declares_items(module, item, scope) for item in items)


def _generic(module: Module, base: ast.expr, inner: ast.expr, scope: Scope, depth: int) -> bool:
    kind = infer(module, base, scope)
    name = kind.path.rpartition(".")[2] if isinstance(kind, External) else ""
    arguments = parts(inner)
    if name in ("Optional", "Union", "Annotated") and arguments:
        meant = arguments[:1] if name == "Annotated" else arguments
        return all(declares_value(module, argument, scope, depth - 1) for argument in meant)
    return declares_value(module, base, scope, depth - 1)


def _named(module: Module, node: ast.Name | ast.Attribute, scope: Scope, depth: int) -> bool:
    if isinstance(node, ast.Name) and scope.lookup(node.id) is None:
        return node.id in _BUILTINS
    if (alias := alias_of(module, node, scope)) is not None:
        return declares_value(alias[0], alias[1], alias[0].index.top, depth - 1)
    kind = infer(module, node, scope)
    if isinstance(kind, External):
        if kind.path.startswith(_TYPING):
            return kind.path.rpartition(".")[2] in _COLLECTIONS
        return kind.path.startswith(_LIBRARIES) and fact(kind.path, "__await__") is None
    return isinstance(kind, ProjectClass) and _never_awaitable(kind)


def _never_awaitable(cls: ProjectClass) -> bool:
    """Tell whether a class is mapped, or shows all its bases, and none of these is abstract or has ``__await__``."""
    for item in () if is_mapped(cls) else lineage(cls):
        if isinstance(item, str):
            if item.endswith(".Protocol") or fact(item, "__await__") is not None:
                return False
        elif any(item.module.type_of(base) is UNKNOWN for base in item.node.bases):
            return False
    return class_attribute(cls, "__await__") is UNKNOWN
