"""What ``run_sync`` is given to call."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.inference.annotations import annotated
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.functions import is_generator, own_nodes, transparent
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import parameters
from flake8_async_sqla.semantics.objects.identities import is_shared_type, paired
from flake8_async_sqla.semantics.types import Container, Coroutine, Function, Instance, Type

DDL = "create_all() and drop_all()"
_PLAIN = ("builtins.", "sqlalchemy.Result", "sqlalchemy.ScalarResult", "sqlalchemy.CursorResult")
_SYNC = ("sqlalchemy.Connection", "sqlalchemy.orm.Session")
_CALLABLE = (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_DDL = frozenset({"create_all", "drop_all", "reflect"})


def is_ddl(node: ast.expr) -> bool:
    """Tell whether an expression names ``create_all``, ``drop_all`` or ``reflect`` of a ``MetaData``."""
    return isinstance(node, ast.Attribute) and node.attr in _DDL


def not_callable(module: Module, call: ast.Call) -> str:
    """Say why a call certainly gives nothing that can be called; empty if it may."""
    if is_ddl(call.func):
        assert isinstance(call.func, ast.Attribute)
        given = call.args or call.keywords
        return "TypeError" if given else f"TypeError: MetaData.{call.func.attr}() missing 1 required argument: 'bind'"
    callee = module.type_of(call.func)
    if not isinstance(callee, Function) or not transparent(callee.module, callee.node):
        return ""
    kind = module.type_of(call)
    if isinstance(callee.node, ast.AsyncFunctionDef):
        return "TypeError: 'coroutine' object is not callable" if isinstance(kind, Coroutine) else ""
    if is_generator(callee.module, callee.node):
        return "TypeError: 'generator' object is not callable"
    if _returns_nothing(callee):
        return "TypeError: 'NoneType' object is not callable"
    if not call.args and not call.keywords and _requires_argument(callee):
        return "TypeError: an argument is missing"
    plain = isinstance(kind, Container) or (isinstance(kind, Instance) and kind.cls.startswith(_PLAIN))
    if plain:
        return "TypeError: its result is not callable"
    return "it runs at once, with the async object" if _works_on_async(module, call, callee) else ""


def _works_on_async(module: Module, call: ast.Call, function: Function) -> bool:
    """Tell whether a function that wants a sync session or connection is given the async one: ``work(session)``."""
    home = function.module
    if any(isinstance(inner, _CALLABLE) for inner in ast.walk(function.node) if inner is not function.node):
        return False
    scope = home.scope_of(function.node)
    return any(
        is_shared_type(module.type_of(value))
        and parameter.annotation is not None
        and is_a(annotated(home, parameter.annotation, scope), *_SYNC)
        for parameter, value in paired(function, call.args, call.keywords)
    )


def _requires_argument(function: Function) -> bool:
    pairs = parameters(function.node.args)[function.receiver is not None :]
    keyword_only = function.node.args.kwonlyargs
    return any(default is None and parameter not in keyword_only for parameter, default in pairs)


def _returns_nothing(function: Function) -> bool:
    returns = own_nodes(function.module, function.node, ast.Return)
    return not any(isinstance(found, ast.Return) and found.value is not None for found in returns)


def takes_nothing(node: ast.expr, kind: Type) -> bool:
    """Tell whether a lambda or function has no parameter."""
    if isinstance(node, ast.Lambda):
        return _empty(node.args)
    if isinstance(kind, Function) and kind.receiver is None and not kind.node.decorator_list:
        return _empty(kind.node.args)
    return False


def _empty(arguments: ast.arguments) -> bool:
    return not (arguments.args or arguments.posonlyargs or arguments.vararg)
