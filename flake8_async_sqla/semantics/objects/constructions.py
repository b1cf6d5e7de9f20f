"""What the objects of project classes are made of: from an attribute back to what ``__init__`` was given."""

from __future__ import annotations

import ast
from dataclasses import replace

from flake8_async_sqla.semantics.frameworks.dependencies import shared_provider
from flake8_async_sqla.semantics.inference.classes import lineage, scope_of_class
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import first_parameter, parameters
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.names.scopes import Binding
from flake8_async_sqla.semantics.objects.identities import MAX_DEPTH, key_of, paired
from flake8_async_sqla.semantics.objects.identity import Attribute, Key, Made, Provided, Variable, only, substitute
from flake8_async_sqla.semantics.types import External, Function, FunctionNode, ProjectClass, ProjectInstance

_DATACLASSES = ("dataclasses.dataclass", "attrs.define", "attr.s", "attrs.frozen")


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


def made(module: Module, cls: ProjectClass, call: ast.Call, depth: int) -> Made:
    """Return the key of the object that a call of a class makes."""
    given = bound(module, initializer_of(cls), call.args, call.keywords, None, depth)
    if given is None:
        keys = ((name, key_of(module, value, depth)) for name, value in field_values(cls, call))
        given = {name: key for name, key in keys if key is not None}
    return Made(cls, tuple(given.items()), module, call)


def initializer_of(cls: ProjectClass, after: ProjectClass | None = None) -> Function | None:
    """Return the ``__init__`` of a class, or the next one after that of one of its bases."""
    line = [item for item in lineage(cls) if isinstance(item, ProjectClass)]
    for item in line[line.index(after) + 1 if after is not None else 0 :]:
        for binding in scope_of_class(item).names.get("__init__", ()):
            if isinstance(binding.node, ast.FunctionDef):
                return Function(item.module, binding.node, ProjectInstance(item))
    return None


def field_values(cls: ProjectClass, call: ast.Call) -> list[tuple[str, ast.expr]]:
    """Pair the fields of a dataclass or ``NamedTuple`` with what a call of it gives; nothing for other classes."""
    is_dataclass = any(_is_dataclass(cls.module, decorator) for decorator in cls.node.decorator_list)
    if not is_dataclass and "typing.NamedTuple" not in lineage(cls):
        return []
    names = [
        statement.target.id
        for statement in cls.node.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    ]
    return [*zip(names, call.args, strict=False), *((item.arg or "", item.value) for item in call.keywords)]


def _is_dataclass(module: Module, decorator: ast.expr) -> bool:
    kind = module.type_of(uncalled(decorator))
    return isinstance(kind, External) and kind.path in _DATACLASSES


def attribute_key(holder: Key, name: str) -> Key | None:
    """Return the key of an object's attribute: what it was made of, where that is visible."""
    if isinstance(holder, Provided):
        return _of_provided(holder, name)
    if not isinstance(holder, Made):
        return Attribute(holder, name)
    initializer = initializer_of(holder.cls)
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
            above = initializer_of(holder.cls, owner)
            within = (initializer, environment)
            passed = bound(owner.module, above, call.args, call.keywords, within, MAX_DEPTH)
            if above is not None and passed is not None:
                base = replace(holder, arguments=tuple(passed.items()))
                return _assigned(base, above, name, depth - 1)
    return None


def _of_provided(holder: Provided, name: str) -> Key | None:
    """Follow an attribute of an injected object into what provides it."""
    provider = holder.provider
    if isinstance(provider, ProjectClass):
        initializer = initializer_of(provider)
        pairs = parameters(initializer.node.args) if initializer is not None else []
        own = {found.arg: Binding("parameter", found, default, found.annotation) for found, default in pairs}
        assert initializer is not None or not own
        result: Key | None = Made(
            provider,
            tuple((key, Variable(initializer.module, (value,), initializer.node, key)) for key, value in own.items()),  # type: ignore[union-attr]
            provider.module,
            None,
        )
    else:
        returns = own_nodes(provider.module, provider.node, ast.Return)
        result = only(key_of(provider.module, found.value) for found in returns)  # type: ignore[attr-defined]
    found = attribute_key(result, name) if isinstance(result, Made) else None
    injected = settled(found) if found is not None else None
    return injected if isinstance(injected, Provided) else Attribute(holder, name)


def settled(key: Key) -> Key | None:
    """Replace the parameters that FastAPI injects by what provides them; for functions that FastAPI calls."""
    if isinstance(key, Variable) and key.parameter is not None:
        provider = shared_provider(key.module, key.bindings[0])
        return Provided(provider) if provider is not None else key
    if isinstance(key, Attribute):
        holder = settled(key.holder)
        return attribute_key(holder, key.name) if holder is not None else None
    return key


def unfolded(key: Key) -> Key:
    """Follow attributes of ``self`` to what ``__init__`` makes them of: two that hold one object become the same."""
    if not isinstance(key, Attribute):
        return key
    holder = unfolded(key.holder)
    own = _of_self(holder, key.name) if isinstance(holder, Variable) else attribute_key(holder, key.name)
    return own or Attribute(holder, key.name)


def class_of_self(variable: Variable) -> ProjectClass | None:
    """Return the class of a method whose ``self`` a variable is."""
    function = variable.scope
    if variable.parameter is None or not isinstance(function, FunctionNode):
        return None
    owner = variable.module.parent(function)
    if not isinstance(owner, ast.ClassDef) or variable.parameter is not first_parameter(function.args):
        return None
    return ProjectClass(variable.module, owner)


def _of_self(variable: Variable, name: str) -> Key | None:
    owner = class_of_self(variable)
    initializer = initializer_of(owner) if owner is not None else None
    if initializer is None or not isinstance(initializer.receiver, ProjectInstance):
        return None
    home = initializer.module
    bindings = scope_of_class(initializer.receiver.cls).attributes.get(name, ())
    if len(bindings) != 1 or bindings[0].unpack or home.function(bindings[0].node) is not initializer.node:
        return None
    return key_of(home, bindings[0].value)
