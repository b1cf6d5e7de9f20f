"""From an expression to the key of the object that it means."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.inference.bindings import reaching
from flake8_async_sqla.semantics.inference.calls import ASYNC_SESSION
from flake8_async_sqla.semantics.inference.classes import is_a, lineage, scope_of_class
from flake8_async_sqla.semantics.inference.functions import is_generator, own_nodes, transparent
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import first_parameter, parameters
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.names.scopes import Binding
from flake8_async_sqla.semantics.objects.identity import Current, Key, Variable, only, substitute
from flake8_async_sqla.semantics.types import (
    Function,
    Member,
    ProjectClass,
    ProjectInstance,
    ProjectModule,
    Type,
)

ASYNC_CONNECTION = "sqlalchemy.ext.asyncio.AsyncConnection"
SYNC_VIEWS = ("sync_session", "sync_connection")
MAX_DEPTH = 12
_MEANING = (ast.Name, ast.Attribute, ast.Call, ast.NamedExpr, ast.Await)


def is_shared_type(kind: Type) -> bool:
    """Tell whether a type is an AsyncSession or AsyncConnection: what one task at a time may use."""
    return is_a(kind, ASYNC_SESSION, ASYNC_CONNECTION)


def key_of(module: Module, node: ast.expr | None, depth: int = MAX_DEPTH) -> Key | None:
    """Return the key of the object that an expression means; ``None`` if in doubt, and for a new object each time."""
    if depth <= 0 or not isinstance(node, _MEANING):
        return None
    if module.project.asked:
        return _key_of(module, node, depth)
    return module.cached(("key", node, depth), lambda: _key_of(module, node, depth))


def _key_of(module: Module, node: ast.expr, depth: int) -> Key | None:
    if isinstance(node, ast.Name):
        return _name(module, node, depth - 1)
    if isinstance(node, ast.Attribute):
        return _attribute(module, node, depth - 1)
    if isinstance(node, ast.Call):
        return _call(module, node, depth - 1)
    if isinstance(node, (ast.NamedExpr, ast.Await)):
        return key_of(module, node.value, depth - 1)
    return None


def _name(module: Module, node: ast.Name, depth: int) -> Key | None:
    scope = module.scope_of(node)
    found = scope.lookup(node.id)
    if found is None:
        return None
    holder, bindings = found
    if len(bindings) > 1 and holder is scope:
        bindings = reaching(module, bindings, node)
    if len(bindings) == 1:
        binding = bindings[0]
        if binding.kind == "import":
            home, target = definition(module, node, scope)
            known = target is not None and target.kind != "import"
            return Variable(home, (target,), home.index.top.node, node.id) if target is not None and known else None
        if binding.kind in ("value", "annotation", "async with") and (same := _alias(module, binding, depth)):
            return same
    return Variable(module, tuple(bindings), holder.node, node.id)


def _alias(module: Module, binding: Binding, depth: int) -> Key | None:
    value = binding.value
    for position in binding.unpack:
        if not isinstance(value, (ast.Tuple, ast.List)) or position >= len(value.elts):
            return None
        value = value.elts[position]
    if not isinstance(value, (ast.Name, ast.Attribute, ast.Await, ast.Call)):
        return None
    entered = _method(module.type_of(value), "__aenter__") if binding.kind == "async with" else None
    key = key_of(module, value, depth)
    return key if entered is None else _of_method(entered, key, depth)


def _of_method(method: Function, holder: Key | None, depth: int) -> Key | None:
    """Return the key of what a method without arguments gives."""
    own = first_parameter(method.node.args)
    return returned(method, {own: holder} if own is not None else {}, depth)


def _attribute(module: Module, node: ast.Attribute, depth: int) -> Key | None:
    holder = module.type_of(node.value)
    if isinstance(holder, ProjectModule):
        home, binding = definition(module, node, module.scope_of(node))
        return Variable(home, (binding,), home.index.top.node, node.attr) if binding is not None else None
    base = key_of(module, node.value, depth)
    if base is None or (node.attr in SYNC_VIEWS and is_shared_type(holder)):
        return base
    if isinstance(holder, ProjectInstance) and (getter := _getter(holder, node.attr)) is not None:
        return _of_method(getter, base, depth)
    from flake8_async_sqla.semantics.objects.constructions import attribute_key

    return attribute_key(base, node.attr)


def _getter(holder: ProjectInstance, name: str) -> Function | None:
    """Find the function of a property."""
    found = _method(holder, name)
    return found if found is not None and found.node.decorator_list else None


def _method(holder: Type, name: str) -> Function | None:
    """Find a method of a project class that has a ``self``."""
    for cls in lineage(holder.cls) if isinstance(holder, ProjectInstance) else ():
        if isinstance(cls, ProjectClass):
            for binding in scope_of_class(cls).names.get(name, ()):
                node = binding.node
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.args.args:
                    return Function(cls.module, node)
    return None


def _call(module: Module, call: ast.Call, depth: int) -> Key | None:
    from flake8_async_sqla.semantics.objects.constructions import made

    callee = module.type_of(call.func)
    if isinstance(callee, Member) and callee.name == "get" and is_a(callee.receiver, "contextvars.ContextVar"):
        variable = key_of(module, call.func.value, depth) if isinstance(call.func, ast.Attribute) else None
        return Current(variable) if variable is not None else None
    if isinstance(callee, ProjectClass):
        return made(module, callee, call, depth)
    if isinstance(callee, Function) and isinstance(callee.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        if is_generator(callee.module, callee.node) or not transparent(callee.module, callee.node):
            return None
        return returned(callee, arguments_of(module, callee, call.func, call.args, call.keywords, depth), depth)
    return None


def returned(function: Function, arguments: dict[ast.arg, Key | None], depth: int = MAX_DEPTH) -> Key | None:
    """Return the key of what a function returns, in terms of its caller; ``None`` when it is new each time."""
    values = [found.value for found in own_nodes(function.module, function.node, ast.Return)]  # type: ignore[attr-defined]
    found = only(key_of(function.module, value, depth) for value in values)
    return substitute(found, function, arguments) if found is not None else None


def arguments_of(
    module: Module,
    function: Function,
    func: ast.expr,
    args: list[ast.expr],
    keywords: list[ast.keyword],
    depth: int = MAX_DEPTH,
) -> dict[ast.arg, Key | None]:
    """Pair the parameters of a function with the keys of what a call gives for them, ``self`` included."""
    pairs = paired(function, args, keywords)
    given = {parameter: key_of(module, value, depth) for parameter, value in pairs}
    if function.receiver is not None and isinstance(func, ast.Attribute):
        receiver = first_parameter(function.node.args)
        if receiver is not None:
            given[receiver] = key_of(module, func.value, depth)
    return given


def paired(function: Function, args: list[ast.expr], keywords: list[ast.keyword]) -> list[tuple[ast.arg, ast.expr]]:
    """Pair the parameters of a function with the expressions that a call gives for them, ``self`` aside."""
    known = [parameter for parameter, _ in parameters(function.node.args)]
    positional = [*function.node.args.posonlyargs, *function.node.args.args][function.receiver is not None :]
    found: list[tuple[ast.arg, ast.expr]] = []
    for parameter, value in zip(positional, args, strict=False):
        if isinstance(value, ast.Starred):
            break
        found.append((parameter, value))
    named = {parameter.arg: parameter for parameter in known}
    found.extend((named[keyword.arg], keyword.value) for keyword in keywords if keyword.arg in named)
    return found
