"""Functions whose first arguments ``functools.partial`` has bound."""

from __future__ import annotations

import ast
from collections.abc import Callable

from flake8_async_sqla.semantics.inference.calls import PARTIAL
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import UNKNOWN, External, Function, Instance, Type


def is_partial(kind: Type, call: ast.Call) -> bool:
    """Tell whether a call binds arguments of a function.

    Args:
        kind: What is called.
        call: The call.
    """
    return kind == External(PARTIAL) and bool(call.args)


def bound(kind_of: Callable[[Module, ast.expr], Type], kind: Type) -> Type:
    """Return what a ``functools.partial`` calls; `UNKNOWN` for anything else.

    Args:
        kind_of: Infers a type.
        kind: The type of what may be one.
    """
    made = kind.origin if isinstance(kind, Instance) and kind.cls == PARTIAL else None
    found = kind_of(made.module, made.call.args[0]) if made is not None else UNKNOWN
    return found if isinstance(found, Function) else UNKNOWN
