"""Whether an expression can have a type that rules care about, told from the name that it starts with."""

from __future__ import annotations

import ast

from flake8_async_sqla.facts.frameworks import STATE_HOLDERS
from flake8_async_sqla.semantics import gate
from flake8_async_sqla.semantics.inference.bindings import binding_type
from flake8_async_sqla.semantics.inference.calls import CASTS
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.scopes import Scope
from flake8_async_sqla.semantics.types import CALLABLE, External, Instance, NoneValue, Type, Unknown

# Libraries whose objects no rule knows and that hand out nothing else.
_OTHERS = frozenset(
    {
        "abc", "argparse", "base64", "builtins", "collections", "csv", "dataclasses", "datetime", "decimal", "enum",
        "hashlib", "html", "http", "importlib", "inspect", "io", "itertools", "json", "logging", "loguru", "math",
        "numbers", "operator", "os", "pathlib", "pickle", "platform", "pprint", "random", "re", "secrets", "shutil",
        "signal", "smtplib", "socket", "ssl", "statistics", "string", "structlog", "subprocess", "sys", "tempfile",
        "textwrap", "time", "traceback", "types", "typing", "typing_extensions", "urllib", "uuid", "warnings",
        "zipfile",
    }
)  # fmt: skip
_LINKS = (ast.Attribute, ast.Subscript, ast.Await, ast.Starred)
_OPEN = (ast.IfExp, ast.BoolOp, ast.NamedExpr)


def promising(module: Module, node: ast.expr, scope: Scope) -> bool:
    """Tell whether an expression may have a type of interest; cheap, and asked before the type is.

    Args:
        module: The module that holds the expression.
        node: The expression.
        scope: Where it is evaluated.
    """
    if not gate.on:
        return True
    while True:
        kind = type(node)
        if kind is ast.Name:
            break
        if kind is ast.Call:
            node = node.func  # type: ignore[attr-defined]
        elif kind in _LINKS:
            if kind is ast.Attribute and node.attr in STATE_HOLDERS:  # type: ignore[attr-defined]
                return True  # what is kept there may be of interest, whatever the name before it is
            node = node.value  # type: ignore[attr-defined]
        else:
            return kind in _OPEN
    assert isinstance(node, ast.Name)
    known = module.promises.get(scope)
    if known is None:
        known = module.promises[scope] = {}
    if (found := known.get(node.id)) is None:
        found = known[node.id] = _of_name(module, node.id, scope)
    return found


def _of_name(module: Module, name: str, scope: Scope) -> bool:
    found = scope.lookup(name)
    if found is None:
        return bool(module.index.star_imports()) or name == "super"
    holder, bindings = found
    if holder is not scope:
        return promising(module, ast.Name(name), holder)
    return any(_of_type(binding_type(module, holder, binding)) for binding in bindings)


def _of_type(kind: Type) -> bool:
    if isinstance(kind, (Unknown, NoneValue)):
        return False
    path = kind.path if isinstance(kind, External) else kind.cls if isinstance(kind, Instance) else ""
    return path.partition(".")[0] not in _OTHERS or path in (CALLABLE, *CASTS) or bool(getattr(kind, "args", ()))
