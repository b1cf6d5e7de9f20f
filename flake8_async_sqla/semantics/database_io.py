"""Whether work talks to a database through SQLAlchemy's asyncio extension."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.calls import ASYNC_ENGINE
from flake8_async_sqla.semantics.classes import is_a
from flake8_async_sqla.semantics.functions import own_nodes
from flake8_async_sqla.semantics.identities import is_shared_type
from flake8_async_sqla.semantics.members import fact
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.session_uses import uses
from flake8_async_sqla.semantics.spawning import Work
from flake8_async_sqla.semantics.types import Function, Member

MAX_CALLS = 4


def does_database_io(module: Module, work: Work) -> bool:
    """Tell whether running a call does database IO, in its own function or in those that it calls."""
    if any(use.certain for use in uses(module, work.func, work.args, work.keywords)):
        return True
    callee = module.type_of(work.func)
    return isinstance(callee, Function) and _body_does(callee, MAX_CALLS)


def _body_does(function: Function, depth: int) -> bool:
    for call in own_nodes(function.module, function.node, ast.Call):
        assert isinstance(call, ast.Call)
        callee = function.module.type_of(call.func)
        if isinstance(callee, Member) and (is_shared_type(callee.receiver) or is_a(callee.receiver, ASYNC_ENGINE)):
            known = fact(callee.cls, callee.name)
            if known is not None and known.kind in ("coroutine", "awaitable_cm", "async_cm", "async_iterator"):
                return True
        elif (
            isinstance(callee, Function)
            and depth
            and callee.node is not function.node
            and _body_does(callee, depth - 1)
        ):
            return True
    return False
