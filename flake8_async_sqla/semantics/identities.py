"""From an expression to the key of the object that it means."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.bindings import reaching
from flake8_async_sqla.semantics.calls import ASYNC_SESSION
from flake8_async_sqla.semantics.classes import is_a, lineage, scope_of_class
from flake8_async_sqla.semantics.definitions import definition
from flake8_async_sqla.semantics.dependencies import shared_provider
from flake8_async_sqla.semantics.functions import is_generator, own_nodes, transparent
from flake8_async_sqla.semantics.identity import Attribute, Current, Key, Made, Provided, Variable, only, substitute
from flake8_async_sqla.semantics.index import parameters
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.scopes import Binding
from flake8_async_sqla.semantics.types import (
    External,
    Function,
    Member,
    ProjectClass,
    ProjectInstance,
    ProjectModule,
    Type,
)

ASYNC_CONNECTION = "sqlalchemy.ext.asyncio.AsyncConnection"
_SYNC_VIEWS = ("sync_session", "sync_connection")
_DATACLASSES = ("dataclasses.dataclass", "attrs.define", "attr.s", "attrs.frozen")
MAX_DEPTH = 12


def is_shared_type(kind: Type) -> bool:
    """Tell whether a type is an AsyncSession or AsyncConnection: what one task at a time may use."""
    return is_a(kind, ASYNC_SESSION, ASYNC_CONNECTION)


def key_of(module: Module, node: ast.expr | None, depth: int = MAX_DEPTH) -> Key | None:
    """Return the key of the object that an expression means; ``None`` if in doubt, and for a new object each time."""
    if depth <= 0:
        return None
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
            return Variable(home, (target,), home.tree, node.id) if target is not None and target.kind != "import" else None
        if binding.kind in ("value", "annotation", "async with") and not binding.unpack:
            if (same := _alias(module, binding.value, depth)) is not None:
                return same
    return Variable(module, tuple(bindings), holder.node, node.id)


def _alias(module: Module, value: ast.expr | None, depth: int) -> Key | None:
    return key_of(module, value, depth) if isinstance(value, (ast.Name, ast.Attribute, ast.Await, ast.Call)) else None


def _attribute(module: Module, node: ast.Attribute, depth: int) -> Key | None:
    holder = module.type_of(node.value)
    if isinstance(holder, ProjectModule):
        home, binding = definition(module, node, module.scope_of(node))
        return Variable(home, (binding,), home.tree, node.attr) if binding is not None else None
    base = key_of(module, node.value, depth)
    if base is None or (node.attr in _SYNC_VIEWS and is_shared_type(holder)):
        return base
    if isinstance(holder, ProjectInstance) and (getter := _getter(holder, node.attr)) is not None:
        return returned(getter, {getter.node.args.args[0]: base}, depth)
    return attribute_key(base, node.attr)


def _getter(holder: ProjectInstance, name: str) -> Function | None:
    """Find the function of a property."""
    for cls in lineage(holder.cls):
        if isinstance(cls, ProjectClass):
            for binding in scope_of_class(cls).names.get(name, ()):
                node = binding.node
                if isinstance(node, ast.FunctionDef) and node.decorator_list and node.args.args:
                    return Function(cls.module, node)
    return None


def _call(module: Module, call: ast.Call, depth: int) -> Key | None:
    callee = module.type_of(call.func)
    if isinstance(callee, Member) and callee.name == "get" and is_a(callee.receiver, "contextvars.ContextVar"):
        variable = key_of(module, call.func.value, depth) if isinstance(call.func, ast.Attribute) else None
        return Current(variable) if variable is not None else None
    if isinstance(callee, ProjectClass):
        given = bound(module, _initializer(callee), call.args, call.keywords, None, depth)
        if given is None:
            given = _fields(module, callee, call, depth)
        return Made(callee, tuple(given.items()), module, call)
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
        names = [*function.node.args.posonlyargs, *function.node.args.args]
        given[names[0]] = key_of(module, func.value, depth) if names else None
    return given


def paired(
    function: Function, args: list[ast.expr], keywords: list[ast.keyword]
) -> list[tuple[ast.arg, ast.expr]]:
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


def bound(
    module: Module,
    function: Function | None,
    args: list[ast.expr],
    keywords: list[ast.keyword],
    within: tuple[Function, dict[ast.arg, Key | None]] | None,
    depth: int,
) -> dict[str, Key] | None:
    """Name the keys of what ``__init__`` is given; ``None`` without an ``__init__``."""
    if function is None:
        return None
    found: dict[str, Key] = {}
    for parameter, value in paired(function, args, keywords):
        key = key_of(module, value, depth)
        if key is not None and within is not None:
            key = substitute(key, *within)
        if key is not None:
            found[parameter.arg] = key
    return found


def _initializer(cls: ProjectClass, after: ProjectClass | None = None) -> Function | None:
    line = [item for item in lineage(cls) if isinstance(item, ProjectClass)]
    for item in line[line.index(after) + 1 if after is not None else 0 :]:
        for binding in scope_of_class(item).names.get("__init__", ()):
            if isinstance(binding.node, ast.FunctionDef):
                return Function(item.module, binding.node, ProjectInstance(item))
    return None


def _fields(module: Module, cls: ProjectClass, call: ast.Call, depth: int) -> dict[str, Key]:
    """Name the keys of what a dataclass is made of."""
    if not any(_is_dataclass(cls.module, decorator) for decorator in cls.node.decorator_list):
        return {}
    names = [
        statement.target.id
        for statement in cls.node.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    ]
    given = [*zip(names, call.args, strict=False), *((item.arg or "", item.value) for item in call.keywords)]
    keys = ((name, key_of(module, value, depth)) for name, value in given)
    return {name: key for name, key in keys if key is not None}


def _is_dataclass(module: Module, decorator: ast.expr) -> bool:
    kind = module.type_of(decorator.func if isinstance(decorator, ast.Call) else decorator)
    return isinstance(kind, External) and kind.path in _DATACLASSES


def attribute_key(holder: Key, name: str) -> Key | None:
    """Return the key of an object's attribute: what it was made of, where that is visible."""
    if isinstance(holder, Provided):
        return _of_provided(holder, name)
    if not isinstance(holder, Made):
        return Attribute(holder, name)
    initializer = _initializer(holder.cls)
    if initializer is None:
        found = dict(holder.arguments).get(name)
    else:
        found = _assigned(holder, initializer, name)
    if found is not None:
        return found
    return Attribute(holder, name) if holder.call is not None else None


def _assigned(holder: Made, initializer: Function, name: str, depth: int = 4) -> Key | None:
    """Find what ``__init__``, or one that it calls by way of ``super()``, assigns to an attribute of ``self``."""
    given = dict(holder.arguments)
    environment: dict[ast.arg, Key | None] = {
        parameter: given.get(parameter.arg) for parameter, _ in parameters(initializer.node.args)
    }
    assert isinstance(initializer.receiver, ProjectInstance)
    owner = initializer.receiver.cls
    for binding in scope_of_class(owner).attributes.get(name, ()):
        if owner.module.function(binding.node) is initializer.node and not binding.unpack:
            key = key_of(owner.module, binding.value)
            return substitute(key, initializer, environment) if key is not None else None
    for call in own_nodes(owner.module, initializer.node, ast.Call):
        assert isinstance(call, ast.Call)
        func = call.func
        if isinstance(func, ast.Attribute) and func.attr == "__init__" and isinstance(func.value, ast.Call) and depth:
            above = _initializer(holder.cls, owner)
            within = (initializer, environment)
            passed = bound(owner.module, above, call.args, call.keywords, within, MAX_DEPTH)
            if above is not None and passed is not None:
                return _assigned(Made(holder.cls, tuple(passed.items()), holder.module, holder.call), above, name, depth - 1)
    return None


def _of_provided(holder: Provided, name: str) -> Key | None:
    """Follow an attribute of an injected object into what provides it."""
    provider = holder.provider
    if isinstance(provider, ProjectClass):
        initializer = _initializer(provider)
        pairs = parameters(initializer.node.args) if initializer is not None else []
        own = {found.arg: Binding("parameter", found, default, found.annotation) for found, default in pairs}
        assert initializer is not None or not own
        made: Key | None = Made(
            provider,
            tuple((key, Variable(initializer.module, (value,), initializer.node, key)) for key, value in own.items()),  # type: ignore[union-attr]
            provider.module,
            None,
        )
    else:
        returns = own_nodes(provider.module, provider.node, ast.Return)
        made = only(key_of(provider.module, found.value) for found in returns)  # type: ignore[attr-defined]
    found = attribute_key(made, name) if isinstance(made, Made) else None
    settled_key = settled(found) if found is not None else None
    return settled_key if isinstance(settled_key, Provided) else Attribute(holder, name)


def settled(key: Key) -> Key | None:
    """Replace the parameters that FastAPI injects by what provides them; for functions that FastAPI calls."""
    if isinstance(key, Variable) and key.parameter is not None:
        provider = shared_provider(key.module, key.bindings[0])
        return Provided(provider) if provider is not None else key
    if isinstance(key, Attribute):
        holder = settled(key.holder)
        return attribute_key(holder, key.name) if holder is not None else None
    return key
