"""Providers of dependency injection containers that keep the first session they make."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.inference.calls import ASYNC_SESSION, PROVIDERS, argument, made_by
from flake8_async_sqla.semantics.inference.classes import class_attribute, is_a
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External, Function, FunctionNode, Member, ProjectClass

SINGLETONS = ("Singleton", "ThreadSafeSingleton")
PROVIDE = "provide"
_PROVIDER = "dishka.Provider"
_WHOLE_PROGRAM = ("dishka.Scope.APP", "dishka.Scope.RUNTIME")


def keeps_session(module: Module, node: ast.Call | FunctionNode) -> bool:
    """Tell whether a call or function makes a provider that gives everyone the same session.

    Args:
        module: The module of the node.
        node: A call of a provider class or of ``provide()``, or a method of a provider.
    """
    if not isinstance(node, ast.Call):
        return any(_decorates(module, node, decorator) for decorator in node.decorator_list)
    path = callee(module, node)
    if path.startswith(PROVIDERS) and path.removeprefix(PROVIDERS) in SINGLETONS and node.args:
        return is_a(made_by(module, node.args[0]), ASYNC_SESSION)
    source = argument(node, "source", 0)
    if source is None or not _is_provide(module, node.func):
        return False
    given = module.type_of(source)
    return isinstance(given, Function) and _gives_session(given) and _scope_kept(module, node, node)


def _is_provide(module: Module, func: ast.expr) -> bool:
    kind = module.type_of(func)
    if isinstance(kind, Member):
        return kind.name == PROVIDE and is_a(kind.receiver, _PROVIDER)
    return kind == External(f"dishka.{PROVIDE}")


def _decorates(module: Module, function: FunctionNode, decorator: ast.expr) -> bool:
    call = decorator if isinstance(decorator, ast.Call) else None
    if not _is_provide(module, call.func if call is not None else decorator):
        return False
    return _scope_kept(module, function, call) and _gives_session(Function(module, function))


def _gives_session(function: Function) -> bool:
    given = [getattr(node, "value", None) for node in own_nodes(function.module, function.node, ast.Yield, ast.Return)]
    return any(value is not None and is_a(function.module.type_of(value), ASYNC_SESSION) for value in given)


def _scope_kept(module: Module, node: ast.AST, call: ast.Call | None) -> bool:
    """Tell whether the scope of a provider, its own or that of its class, lasts as long as the program."""
    scope = argument(call, "scope") if call is not None else None
    if scope is not None:
        return _lasts(module, scope)
    owner = next((outer for outer in module.ancestors(node) if isinstance(outer, ast.ClassDef)), None)
    if owner is None:
        return False
    kind = class_attribute(ProjectClass(module, owner), "scope")
    return isinstance(kind, External) and kind.path in _WHOLE_PROGRAM


def _lasts(module: Module, scope: ast.expr) -> bool:
    kind = module.type_of(scope)
    return isinstance(kind, External) and kind.path in _WHOLE_PROGRAM
