"""What each kind of statement binds."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from flake8_async_sqla.semantics.names.scopes import Binding, BindingKind, Scope

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def bind(scope: Scope, name: str, binding: Binding) -> None:
    """Record that ``binding`` gives ``name`` a value in ``scope``."""
    if scope.foreign:
        scope = scope.foreign.get(name, scope)
    scope.names.setdefault(name, []).append(binding)


def bind_target(scope: Scope, target: ast.expr, binding: Binding) -> None:
    """Record a binding for every name in an assignment target."""
    kind = type(target)
    if kind is ast.Name:
        bind(scope, target.id, binding)  # type: ignore[attr-defined]
    elif isinstance(target, ast.Attribute):
        if isinstance(target.value, ast.Name):
            scope.stored.append((target.value.id, target.attr, binding))
    elif isinstance(target, (ast.Tuple, ast.List)):
        starred = False
        for position, element in enumerate(target.elts):
            if isinstance(element, ast.Starred):
                starred = True
                bind_target(scope, element.value, Binding("other", binding.node))
            else:
                position = position - len(target.elts) if starred else position
                bind_target(scope, element, binding._replace(unpack=(*binding.unpack, position)))


@functools.lru_cache(maxsize=1024)
def parameters(arguments: ast.arguments) -> Sequence[tuple[ast.arg, ast.expr | None]]:
    """List parameters with their defaults, ``*args`` and ``**kwargs`` aside."""
    positional = [*arguments.posonlyargs, *arguments.args]
    missing: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    pairs = list(zip(positional, [*missing, *arguments.defaults], strict=True))
    return pairs + list(zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))


def first_parameter(arguments: ast.arguments) -> ast.arg | None:
    """Return the first positional parameter: ``self`` of a method."""
    return next(iter([*arguments.posonlyargs, *arguments.args]), None)


def bind_parameters(scope: Scope, arguments: ast.arguments) -> None:
    """Record the parameters of a function or lambda."""
    for argument, default in parameters(arguments):
        scope.names.setdefault(argument.arg, []).append(Binding("parameter", argument, default, argument.annotation))
    for variadic in (arguments.vararg, arguments.kwarg):
        if variadic is not None:
            scope.names.setdefault(variadic.arg, []).append(Binding("other", variadic))


def bind_comprehension(scope: Scope, node: Comprehension) -> None:
    """Record the targets of a comprehension."""
    for generator in node.generators:
        kind: BindingKind = "async for" if generator.is_async else "for"
        bind_target(scope, generator.target, Binding(kind, generator, generator.iter))


def bind_expression(scope: Scope, node: ast.AST) -> None:
    """Record what an expression or pattern binds in the scope around it."""
    while scope.kind == "comprehension" and scope.parent is not None:
        scope = scope.parent
    if isinstance(node, ast.NamedExpr):
        bind(scope, node.target.id, Binding("value", node, node.value))
    elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
        bind(scope, node.name, Binding("other", node))


def method_owner(scope: Scope, name: str) -> Scope | None:
    """Find the class whose method calls its instance (or class) ``name``, seen from inside the method."""
    while scope.kind in ("comprehension", "lambda") and scope.parent:
        scope = scope.parent
    parent, node = scope.parent, scope.node
    if scope.kind != "function" or parent is None or not isinstance(node, FUNCTIONS):
        return None
    if parent.kind != "class":
        return method_owner(parent, name) if parent.kind == "function" else None
    first = first_parameter(node.args)
    return parent if first is not None and first.arg == name else None


def _function(node: ast.FunctionDef, scope: Scope) -> None:
    bind(scope, node.name, Binding("function", node))


def _class(node: ast.ClassDef, scope: Scope) -> None:
    bind(scope, node.name, Binding("class", node))


def _assign(node: ast.Assign, scope: Scope) -> None:
    for target in node.targets:
        bind_target(scope, target, Binding("value", node, node.value))


def _annotated(node: ast.AnnAssign, scope: Scope) -> None:
    bind_target(scope, node.target, Binding("annotation", node, node.value, node.annotation))


def _type_alias(node: Any, scope: Scope) -> None:
    bind_target(scope, node.name, Binding("value", node, node.value))


def _for(node: ast.For, scope: Scope) -> None:
    bind_target(scope, node.target, Binding("for", node, node.iter))


def _async_for(node: ast.AsyncFor, scope: Scope) -> None:
    bind_target(scope, node.target, Binding("async for", node, node.iter))


def _with(node: ast.With | ast.AsyncWith, scope: Scope) -> None:
    kind: BindingKind = "with" if isinstance(node, ast.With) else "async with"
    for item in node.items:
        if item.optional_vars is not None:
            bind_target(scope, item.optional_vars, Binding(kind, item, item.context_expr))


def _augmented(node: ast.AugAssign, scope: Scope) -> None:
    bind_target(scope, node.target, Binding("other", node))


def _handler(node: ast.ExceptHandler, scope: Scope) -> None:
    if node.name:
        bind(scope, node.name, Binding("other", node))


def _import(node: ast.Import, scope: Scope) -> None:
    for alias in node.names:
        name, target = (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
        bind(scope, name, Binding("import", node, target=target))


def _import_from(node: ast.ImportFrom, scope: Scope) -> None:
    source = "." * node.level + (node.module or "")
    for alias in node.names:
        if alias.name == "*":
            scope.star_imports.append(source)
        else:
            bind(scope, alias.asname or alias.name, Binding("import", node, target=f"{source}:{alias.name}"))


def _global(node: ast.Global | ast.Nonlocal, scope: Scope) -> None:
    for name in node.names:
        if isinstance(node, ast.Global):
            scope.foreign[name] = scope.module
        elif scope.parent is not None and (found := scope.parent.lookup(name)) is not None:
            scope.foreign[name] = found[0]


BINDERS: dict[type, Callable[[Any, Scope], None]] = {
    ast.FunctionDef: _function, ast.AsyncFunctionDef: _function, ast.ClassDef: _class, ast.Assign: _assign,
    ast.AnnAssign: _annotated, ast.For: _for, ast.AsyncFor: _async_for, ast.With: _with, ast.AsyncWith: _with,
    ast.AugAssign: _augmented, ast.ExceptHandler: _handler, ast.Import: _import, ast.ImportFrom: _import_from,
    ast.Global: _global, ast.Nonlocal: _global,
}  # fmt: skip
if hasattr(ast, "TypeAlias"):
    BINDERS[ast.TypeAlias] = _type_alias
