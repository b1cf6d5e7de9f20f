"""Whether work talks to a database through SQLAlchemy's asyncio extension."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TypeAlias

from flake8_async_sqla.semantics.awaiting.coroutines import hands_session, wrappers
from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.inference.calls import ASYNC_ENGINE, ASYNC_SCOPED_SESSION, ASYNC_SESSIONMAKER
from flake8_async_sqla.semantics.inference.classes import is_a, lineage, scope_of_class
from flake8_async_sqla.semantics.inference.functions import is_stub, own_nodes
from flake8_async_sqla.semantics.inference.members import fact
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.identities import is_shared_type
from flake8_async_sqla.semantics.sessions.session_uses import uses
from flake8_async_sqla.semantics.sessions.spawning import Work
from flake8_async_sqla.semantics.transactions.writes import written
from flake8_async_sqla.semantics.types import Function, Member, ProjectClass, ProjectInstance, Type

MAX_CALLS = 4
_CHANGING = frozenset({"add", "add_all", "begin", "commit", "flush", "merge", "run_sync"})

Doing: TypeAlias = Callable[[Module, ast.Call, Member], bool]


def changes_database(module: Module, work: Work) -> bool:
    """Tell whether a call uses a session that it is given, or changes the database itself or in what it calls."""
    if any(use.certain for use in uses(module, work.func, work.args, work.keywords)):
        return True
    callee = module.type_of(work.func)
    return isinstance(callee, Function) and _body_does(callee, _changes, MAX_CALLS)


def reaches_database(function: Function) -> bool:
    """Tell whether running a function does database IO; of an abstract method, whether one that overrides it does."""
    return any(_body_does(part, _talks, MAX_CALLS) for part in [function, *_around(function)]) or (
        is_stub(function.node) and any(_body_does(other, _talks, MAX_CALLS) for other in _overriding(function))
    )


def _around(function: Function) -> Iterator[Function]:
    """Yield what decorators of the project put in the place of a function."""
    for decorator in function.node.decorator_list:
        kind = function.module.type_of(decorator)
        if isinstance(kind, Function):
            yield from (wrapper for wrapper in wrappers(kind) if isinstance(wrapper, Function))


def _overriding(function: Function) -> Iterator[Function]:
    """Yield the methods that override a method, or fulfil a protocol, in its module and in those that import it."""
    home = function.module.parent(function.node)
    if not isinstance(home, ast.ClassDef):
        return
    cls = ProjectClass(function.module, home)
    structural = any(isinstance(base, str) and base.endswith(".Protocol") for base in lineage(cls))
    for place in [function.module, *importers(function.module)]:
        if function.node.name not in place.text:
            continue
        for node in place.index.scopes:
            found = ProjectClass(place, node) if isinstance(node, ast.ClassDef) and node is not home else None
            if found is not None and (structural or cls in lineage(found)):
                for binding in scope_of_class(found).names.get(function.node.name, ()):
                    if isinstance(binding.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                        yield Function(place, binding.node, ProjectInstance(found))


def _body_does(function: Function, does: Doing, depth: int) -> bool:
    for call in own_nodes(function.module, function.node, ast.Call):
        assert isinstance(call, ast.Call)
        callee = function.module.type_of(call.func)
        if isinstance(callee, Member) and _is_async(callee.receiver):
            if does(function.module, call, callee):
                return True
        elif not isinstance(callee, Function):
            awaited = isinstance(function.module.parent(call), ast.Await)
            if awaited and does is _talks and hands_session(function.module, call):
                return True
        elif depth and callee.node is not function.node and _body_does(callee, does, depth - 1):
            return True
    return False


def _talks(_: Module, call: ast.Call, callee: Member) -> bool:
    known = fact(callee.cls, callee.name)
    return known is not None and known.kind in ("coroutine", "awaitable_cm", "async_cm", "async_iterator")


def _changes(module: Module, call: ast.Call, callee: Member) -> bool:
    direct = isinstance(call.func, ast.Attribute)
    return callee.name in _CHANGING or (direct and written(module, call) is not None)


def _is_async(receiver: Type) -> bool:
    return is_shared_type(receiver) or is_a(receiver, ASYNC_ENGINE, ASYNC_SCOPED_SESSION, ASYNC_SESSIONMAKER)
