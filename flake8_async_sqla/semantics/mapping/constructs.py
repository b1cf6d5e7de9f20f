"""Calls that make mapped attributes: ``mapped_column()``, ``relationship()`` ..., however they are spelled."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from flake8_async_sqla.semantics.inference.functions import returned
from flake8_async_sqla.semantics.mapping.constants import UNSEEN, constant
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.types import External, Function

MAX_HOPS = 4
_LIBRARIES = ("sqlalchemy.", "sqlmodel.", "dataclasses.field")


@dataclass(frozen=True, slots=True)
class Construct:
    """A call of one of SQLAlchemy's or SQLModel's functions.

    Attributes:
        module: The module that holds the call.
        path: What is called, by its canonical path.
        args: Its positional arguments.
        keywords: Its keyword arguments, each with the module that holds it.
    """

    module: Module
    path: str
    args: tuple[ast.expr, ...]
    keywords: dict[str, tuple[Module, ast.expr]] = field(default_factory=dict)

    def given(self, name: str) -> bool:
        """Tell whether a keyword is given, and not as None."""
        return name in self.keywords and constant(*self.keywords[name]) is not None

    def constant(self, name: str, default: object = None) -> object:
        """Return the constant given for a keyword, `UNSEEN` if it is another expression."""
        return constant(*self.keywords[name]) if name in self.keywords else default

    def true(self, name: str) -> bool:
        """Tell whether a keyword is certainly true."""
        found = self.constant(name)
        return found is not UNSEEN and bool(found)


def construct(module: Module, node: ast.expr | None, hops: int = MAX_HOPS) -> Construct | None:
    """Return the library's call that an expression is: the call, a name for it, or a project function returning it.

    Args:
        module: The module that holds the expression.
        node: The expression.
        hops: How many names and functions to follow.
    """
    if node is None or hops <= 0:
        return None
    if isinstance(node, ast.IfExp):
        return construct(module, node.body, hops - 1)
    if isinstance(node, ast.Name):
        holder, binding = definition(module, node, module.scope_of(node))
        value = binding.value if binding is not None and binding.kind in ("value", "annotation") else None
        return construct(holder, value, hops - 1) if isinstance(value, ast.Call) else None
    if not isinstance(node, ast.Call):
        return None
    kind = module.type_of(node.func)
    if isinstance(kind, External) and kind.path.startswith(_LIBRARIES):
        return Construct(module, kind.path, tuple(node.args), _keywords(module, node))
    if isinstance(kind, Function):
        values = returned(kind.module, kind.node)
        return construct(kind.module, values[0], hops - 1) if len(values) == 1 else None
    return _partial(module, node)


def _keywords(module: Module, call: ast.Call) -> dict[str, tuple[Module, ast.expr]]:
    found: dict[str, tuple[Module, ast.expr]] = {}
    for keyword in call.keywords:
        if keyword.arg is not None:
            found[keyword.arg] = (module, keyword.value)
        elif isinstance(keyword.value, ast.Dict):
            found.update(entries(module, keyword.value))
    return found


def entries(module: Module, node: ast.expr | None) -> dict[str, tuple[Module, ast.expr]]:
    """Return the entries of a dictionary with string keys: ``{...}``, ``dict(...)``, also with ``**`` inside."""
    found: dict[str, tuple[Module, ast.expr]] = {}
    if isinstance(node, ast.Name):
        from flake8_async_sqla.semantics.mapping.constants import named

        holder, value = named(module, node)
        return entries(holder, value) if value is not None and not isinstance(value, ast.Name) else {}
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                found.update(entries(module, value))
            elif isinstance(key, ast.Constant) and isinstance(key.value, str):
                found[key.value] = (module, value)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        found.update(_keywords(module, node))
    return found


def _partial(module: Module, call: ast.Call) -> Construct | None:
    """A call of ``Column = functools.partial(sqlalchemy.Column, nullable=False)``."""
    holder, binding = definition(module, call.func, module.scope_of(call))
    made = binding.value if binding is not None else None
    if not isinstance(made, ast.Call) or not made.args or holder.type_of(made.func) != External("functools.partial"):
        return None
    kind = holder.type_of(made.args[0])
    if not isinstance(kind, External) or not kind.path.startswith(_LIBRARIES):
        return None
    args = (*made.args[1:], *call.args)
    return Construct(module, kind.path, args, {**_keywords(holder, made), **_keywords(module, call)})
