"""The one walk: scopes, bindings, parents and the nodes that rules look at."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from flake8_async_sqla.semantics.scopes import Binding, Scope

_SKIPPED = frozenset(
    kind
    for base in (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
    for kind in base.__subclasses__()
)
_FIELDS: dict[type, tuple[str, ...]] = {}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
KEPT = frozenset(
    {
        ast.Call, ast.With, ast.AsyncWith, ast.For, ast.AsyncFor, ast.Await, ast.Yield, ast.YieldFrom, ast.Return,
        ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Attribute,
        ast.Subscript, ast.Dict, ast.Lambda, ast.Expr, ast.Raise, ast.Delete, ast.ImportFrom, ast.ListComp, ast.SetComp,
        ast.DictComp, ast.GeneratorExp,
    }
)  # fmt: skip


def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    fields = tuple(name for name in kind._fields if name not in ("ctx", "op", "ops", "type_comment", "kind"))
    _FIELDS[kind] = fields
    return fields


class Index:
    """What one walk over a module's tree finds.

    Attributes:
        top: The module's scope.
        scopes: Scope by the node that opens it.
        parents: Parent by node.
        reads: Scope by the name that is read in it.
    """

    __slots__ = ("_stack", "parents", "reads", "scopes", "top")

    def __init__(self, tree: ast.Module) -> None:
        """Walk the tree, without recursion: hostile nesting must not overflow the stack."""
        self.top = Scope("module", tree, None)
        self.scopes: dict[ast.AST, Scope] = {tree: self.top}
        self.parents: dict[ast.AST, ast.AST] = {}
        self.reads: dict[ast.Name, Scope] = {}
        self._stack: list[tuple[ast.AST, Scope]] = []
        self._push(tree, self.top)
        stack, handlers, kept = self._stack, _HANDLERS, KEPT
        while stack:
            node, scope = stack.pop()
            kind = type(node)
            if kind in kept:
                scope.nodes.append(node)
            if (handler := handlers.get(kind)) is not None:
                handler(self, node, scope)
            else:
                self._push(node, scope)

    def _push(self, node: ast.AST, scope: Scope) -> None:
        """Put the children of a node on the stack, so that they come out in the order of the source."""
        stack = self._stack
        base = len(stack)
        for name in _FIELDS.get(type(node)) or _fields(type(node)):
            child = getattr(node, name, None)
            if child.__class__ is list:
                for item in child:
                    self._take(item, node, scope)
            elif child is not None:
                self._take(child, node, scope)
        if len(stack) - base > 1:
            stack[base:] = stack[base:][::-1]

    def _take(self, child: object, node: ast.AST, scope: Scope) -> None:
        """Put one child on the stack; names and constants, which have no children, are dealt with at once."""
        kind = child.__class__
        if kind is ast.Name:
            self.parents[child] = node  # type: ignore[index]
            if child.ctx.__class__ is ast.Load:  # type: ignore[attr-defined]
                self.reads[child] = scope  # type: ignore[index]
                scope.loads.setdefault(child.id, []).append(child)  # type: ignore[arg-type, attr-defined]
        elif kind is ast.Constant:
            self.parents[child] = node  # type: ignore[index]
        elif isinstance(child, ast.AST) and kind not in _SKIPPED:
            self.parents[child] = node
            self._stack.append((child, scope))

    def bind(self, scope: Scope, name: str, binding: Binding) -> None:
        """Record that ``binding`` gives ``name`` a value in ``scope``."""
        scope = scope.foreign.get(name, scope)
        scope.names.setdefault(name, []).append(binding)

    def bind_target(self, scope: Scope, target: ast.expr, binding: Binding) -> None:
        """Record a binding for every name in an assignment target."""
        if isinstance(target, ast.Name):
            while scope.kind == "comprehension" and isinstance(binding.node, ast.NamedExpr) and scope.parent:
                scope = scope.parent
            self.bind(scope, target.id, binding)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for position, element in enumerate(target.elts):
                if isinstance(element, ast.Starred):
                    self.bind_target(scope, element.value, Binding("other", binding.node))
                else:
                    self.bind_target(scope, element, binding._replace(unpack=(*binding.unpack, position)))
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            owner = method_owner(scope, target.value.id)
            if owner is not None:
                owner.attributes.setdefault(target.attr, []).append(binding)


def method_owner(scope: Scope, name: str) -> Scope | None:
    """Find the class whose method calls its instance (or class) ``name``, seen from inside the method."""
    while scope.kind in ("comprehension", "lambda") and scope.parent:
        scope = scope.parent
    parent, node = scope.parent, scope.node
    if scope.kind != "function" or parent is None or not isinstance(node, _FUNCTIONS):
        return None
    if parent.kind != "class":
        return method_owner(parent, name) if parent.kind == "function" else None
    arguments = [*node.args.posonlyargs, *node.args.args]
    return parent if arguments and arguments[0].arg == name else None


def _function(index: Index, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
    index.bind(scope, node.name, Binding("function", node))
    inner = index.scopes[node] = Scope("function", node, scope)
    parents, stack = index.parents, index._stack
    for statement in reversed(node.body):
        parents[statement] = node
        stack.append((statement, inner))
    _parameters(index, node, node.args, inner, scope)
    for expression in (*node.decorator_list, node.returns):
        index._take(expression, node, scope)


def _parameters(index: Index, owner: ast.AST, arguments: ast.arguments, inner: Scope, outer: Scope) -> None:
    parents = index.parents
    parents[arguments] = owner
    for argument, default in parameters(arguments):
        parents[argument] = arguments
        inner.names.setdefault(argument.arg, []).append(Binding("parameter", argument, default, argument.annotation))
        index._take(argument.annotation, argument, outer)
        index._take(default, arguments, outer)
    for variadic in (arguments.vararg, arguments.kwarg):
        if variadic is not None:
            parents[variadic] = arguments
            inner.names.setdefault(variadic.arg, []).append(Binding("other", variadic))
            index._take(variadic.annotation, variadic, outer)


def parameters(arguments: ast.arguments) -> list[tuple[ast.arg, ast.expr | None]]:
    """List parameters with their defaults, ``*args`` and ``**kwargs`` aside."""
    positional = [*arguments.posonlyargs, *arguments.args]
    missing: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    pairs = list(zip(positional, [*missing, *arguments.defaults], strict=True))
    return pairs + list(zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))


def _lambda(index: Index, node: ast.Lambda, scope: Scope) -> None:
    inner = index.scopes[node] = Scope("lambda", node, scope)
    index._take(node.body, node, inner)
    _parameters(index, node, node.args, inner, scope)


def _class(index: Index, node: ast.ClassDef, scope: Scope) -> None:
    index.bind(scope, node.name, Binding("class", node))
    inner = index.scopes[node] = Scope("class", node, scope)
    for statement in reversed(node.body):
        index.parents[statement] = node
        index._stack.append((statement, inner))
    for expression in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
        index._take(expression, node, scope)


def _comprehension(index: Index, node: ast.ListComp, scope: Scope) -> None:
    inner = index.scopes[node] = Scope("comprehension", node, scope)
    for generator in node.generators:
        kind = "async for" if generator.is_async else "for"
        index.bind_target(inner, generator.target, Binding(kind, generator, generator.iter))  # type: ignore[arg-type]
    first = node.generators[0]
    index.parents[first] = node
    for part in (*first.ifs, first.target):
        index._take(part, first, inner)
    index._take(first.iter, first, scope)
    for generator in node.generators[1:]:
        index._take(generator, node, inner)
    for name in ("elt", "key", "value"):
        index._take(getattr(node, name, None), node, inner)


def _assign(index: Index, node: ast.Assign, scope: Scope) -> None:
    for target in node.targets:
        index.bind_target(scope, target, Binding("value", node, node.value))
    index._push(node, scope)


def _annotated(index: Index, node: ast.AnnAssign, scope: Scope) -> None:
    index.bind_target(scope, node.target, Binding("annotation", node, node.value, node.annotation))
    index._push(node, scope)


def _walrus(index: Index, node: ast.NamedExpr, scope: Scope) -> None:
    index.bind_target(scope, node.target, Binding("value", node, node.value))
    index._push(node, scope)


def _type_alias(index: Index, node: Any, scope: Scope) -> None:
    index.bind_target(scope, node.name, Binding("value", node, node.value))
    index._push(node, scope)


def _for(index: Index, node: ast.For | ast.AsyncFor, scope: Scope) -> None:
    kind = "for" if isinstance(node, ast.For) else "async for"
    index.bind_target(scope, node.target, Binding(kind, node, node.iter))  # type: ignore[arg-type]
    index._push(node, scope)


def _with(index: Index, node: ast.With | ast.AsyncWith, scope: Scope) -> None:
    kind = "with" if isinstance(node, ast.With) else "async with"
    for item in node.items:
        if item.optional_vars is not None:
            index.bind_target(scope, item.optional_vars, Binding(kind, item, item.context_expr))  # type: ignore[arg-type]
    index._push(node, scope)


def _augmented(index: Index, node: ast.AugAssign, scope: Scope) -> None:
    index.bind_target(scope, node.target, Binding("other", node))
    index._push(node, scope)


def _handler(index: Index, node: ast.ExceptHandler, scope: Scope) -> None:
    if node.name:
        index.bind(scope, node.name, Binding("other", node))
    index._push(node, scope)


def _capture(index: Index, node: ast.MatchAs | ast.MatchStar, scope: Scope) -> None:
    if node.name:
        index.bind(scope, node.name, Binding("other", node))
    index._push(node, scope)


def _import(index: Index, node: ast.Import, scope: Scope) -> None:
    for alias in node.names:
        name, target = (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
        index.bind(scope, name, Binding("import", node, target=target))


def _import_from(index: Index, node: ast.ImportFrom, scope: Scope) -> None:
    source = "." * node.level + (node.module or "")
    for alias in node.names:
        if alias.name == "*":
            scope.star_imports.append(source)
        else:
            target = f"{source}:{alias.name}"
            index.bind(scope, alias.asname or alias.name, Binding("import", node, target=target))


def _global(index: Index, node: ast.Global | ast.Nonlocal, scope: Scope) -> None:
    for name in node.names:
        if isinstance(node, ast.Global):
            scope.foreign[name] = scope.module
        elif scope.parent is not None and (found := scope.parent.lookup(name)) is not None:
            scope.foreign[name] = found[0]


def _leaf(index: Index, node: ast.AST, scope: Scope) -> None:
    """Nothing below these matters."""


_HANDLERS: dict[type, Callable[..., None]] = {
    ast.FunctionDef: _function, ast.AsyncFunctionDef: _function, ast.Lambda: _lambda, ast.ClassDef: _class,
    ast.ListComp: _comprehension, ast.SetComp: _comprehension, ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension, ast.Assign: _assign, ast.AnnAssign: _annotated, ast.NamedExpr: _walrus,
    ast.For: _for, ast.AsyncFor: _for, ast.With: _with, ast.AsyncWith: _with, ast.AugAssign: _augmented,
    ast.ExceptHandler: _handler, ast.MatchAs: _capture, ast.MatchStar: _capture, ast.Import: _import,
    ast.ImportFrom: _import_from, ast.Global: _global, ast.Nonlocal: _global, ast.Pass: _leaf,
    ast.Break: _leaf, ast.Continue: _leaf,
}  # fmt: skip
if hasattr(ast, "TypeAlias"):
    _HANDLERS[ast.TypeAlias] = _type_alias
