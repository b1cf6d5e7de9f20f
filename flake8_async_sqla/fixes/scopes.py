"""Which names the scopes of a module bind, and what its imports make them mean."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

Scope: TypeAlias = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.expr
Import: TypeAlias = ast.Import | ast.ImportFrom

_SCOPES = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True, slots=True)
class Binding:
    """One place that binds a name.

    Attributes:
        name: The name.
        node: The node that binds it.
        symbol: Dotted path of the imported object or module; empty when it is something else.
        plain: Dotted path that ``import a.b.c`` makes reachable, when that is how the name was bound.
        runtime: Whether the binding exists when the program runs.
    """

    name: str
    node: ast.AST
    symbol: str = ""
    plain: str = ""
    runtime: bool = True


def bindings(scope: ast.AST) -> dict[str, list[Binding]]:
    """Return what a scope binds, by name; the scopes inside it are left out."""
    found: dict[str, list[Binding]] = {}
    for binding in _of(scope):
        found.setdefault(binding.name, []).append(binding)
    return found


def is_scope(node: ast.AST) -> bool:
    """Return whether names bound inside a node stay inside it."""
    return isinstance(node, (ast.Module, *_SCOPES, *_COMPREHENSIONS))


def _of(scope: ast.AST) -> Iterator[Binding]:
    if isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        arguments = scope.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            yield Binding(argument.arg, argument)
        for star in (arguments.vararg, arguments.kwarg):
            if star is not None:
                yield Binding(star.arg, star)
    for node in _body(scope):
        yield from _in(node, runtime=True)
    if isinstance(scope, ast.Module):
        for node in ast.walk(scope):
            if isinstance(node, ast.Global):
                yield from (Binding(name, node) for name in node.names)


def _body(scope: ast.AST) -> list[ast.AST]:
    if isinstance(scope, _COMPREHENSIONS):
        return [generator.target for generator in scope.generators]
    body: list[ast.AST] | ast.AST = getattr(scope, "body", [])
    return body if isinstance(body, list) else [body]


def _in(node: ast.AST, runtime: bool) -> Iterator[Binding]:
    match node:
        case ast.Import() | ast.ImportFrom():
            yield from imported(node, runtime)
            return
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield Binding(name, node, runtime=runtime)
            return
        case ast.Name(id=name, ctx=ast.Store()):
            yield Binding(name, node, runtime=runtime)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield Binding(name, node, runtime=runtime)
        case ast.MatchMapping(rest=str(name)):
            yield Binding(name, node, runtime=runtime)
        case ast.If(test=test, body=body, orelse=orelse) if is_type_checking(test):
            for statement in body:
                yield from _in(statement, False)
            for statement in orelse:
                yield from _in(statement, runtime)
            return
    if isinstance(node, (ast.Lambda, *_COMPREHENSIONS)):
        return
    for child in ast.iter_child_nodes(node):
        yield from _in(child, runtime)


def imported(node: Import, runtime: bool = True) -> Iterator[Binding]:
    """Yield the names that an import statement binds; ``*`` for a star import."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            symbol = "" if node.level or alias.name == "*" else f"{node.module}.{alias.name}"
            yield Binding(alias.asname or alias.name, node, symbol, runtime=runtime)
        elif alias.asname:
            yield Binding(alias.asname, node, alias.name, runtime=runtime)
        else:
            root = alias.name.partition(".")[0]
            yield Binding(root, node, root, alias.name, runtime)


def is_type_checking(test: ast.expr) -> bool:
    """Return whether a condition is ``TYPE_CHECKING``."""
    return "TYPE_CHECKING" in (getattr(test, "id", ""), getattr(test, "attr", ""))
