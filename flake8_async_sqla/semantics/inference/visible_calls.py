"""What the calls that can be seen give for a parameter that nothing else tells the type of."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.inference.wrapping import given_by_decorators
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import last_name
from flake8_async_sqla.semantics.names.scopes import Scope
from flake8_async_sqla.semantics.types import (
    UNKNOWN,
    External,
    Function,
    FunctionNode,
    Instance,
    NoneValue,
    ProjectClass,
    ProjectInstance,
    Type,
    join,
)

_OURS = ("sqlalchemy.", "sqlmodel.")
_USES = (ast.Attribute, ast.Call, ast.keyword, ast.withitem, ast.Assign, ast.AnnAssign)


def given_by_calls(module: Module, parameter: ast.arg, scope: Scope, default: ast.expr | None) -> Type:
    """Infer what all visible calls of a function give for a parameter, if they and its default agree.

    Args:
        module: The module of the function.
        parameter: The parameter, which has no annotation.
        scope: The function's scope.
        default: What the parameter is if a call leaves it out.
    """
    function = scope.node
    if not isinstance(function, FunctionNode) or not _is_worked_with(module, parameter.arg, scope):
        return UNKNOWN
    if function.decorator_list and (given := given_by_decorators(module, function, parameter)) is not UNKNOWN:
        return given
    found: list[Type] = [_by_default(module, default)]
    for place, call, callee in _calls(module, function, scope):
        kind = _given(place, call, callee, parameter)
        if kind is UNKNOWN:
            return UNKNOWN
        found.append(kind)
    kind = join(found)
    return UNKNOWN if isinstance(kind, NoneValue) else kind


def _by_default(module: Module, default: ast.expr | None) -> Type:
    """Infer what a default is: an engine, a factory or something of the project; other values tell little."""
    kind = module.type_of(default) if default is not None else NoneValue()
    path = kind.path if isinstance(kind, External) else kind.cls if isinstance(kind, Instance) else ""
    ours = isinstance(kind, (Function, ProjectClass, ProjectInstance)) or path.startswith(_OURS)
    return kind if ours else NoneValue()


def _is_worked_with(module: Module, name: str, scope: Scope) -> bool:
    """Tell whether a parameter is used as more than a plain value; cheap."""
    uses = (use for use in module.reads(name) if isinstance(module.parent(use), _USES))
    return any((found := module.scope_of(use).lookup(name)) is not None and found[0] is scope for use in uses)


def _calls(module: Module, function: FunctionNode, scope: Scope) -> Iterator[tuple[Module, ast.Call | None, Function]]:
    """Yield the calls of a function, those of tests aside; no call where somebody else is handed the function."""
    from flake8_async_sqla.semantics.blocking.event_loops import is_test
    from flake8_async_sqla.semantics.frameworks.callers import uses_of

    owner = scope.parent.node if scope.parent is not None else None
    if isinstance(owner, ast.ClassDef) and function.name == "__init__":
        cls = ProjectClass(module, owner)
        yield from constructions(Function(module, function, ProjectInstance(cls)), cls)
        return
    for place, use in uses_of(module, function):
        callee = place.type_of(use)
        if isinstance(callee, Function) and (place == module or not is_test(place)):
            parent = place.parent(use)
            yield place, parent if isinstance(parent, ast.Call) and parent.func is use else None, callee


def constructions(initializer: Function, cls: ProjectClass) -> Iterator[tuple[Module, ast.Call, Function]]:
    """Yield the calls of a class and its subclasses, and of ``super()``, that run an ``__init__``; not those of tests.

    Args:
        initializer: The ``__init__``.
        cls: The class that defines it.
    """
    from flake8_async_sqla.semantics.blocking.event_loops import is_test
    from flake8_async_sqla.semantics.frameworks.callers import named
    from flake8_async_sqla.semantics.objects.constructions import initializer_of

    home = initializer.module
    places = [home, *importers(home)]
    names = dict.fromkeys([cls.node.name, "__init__", "cls"])
    for place in places:
        if place != home and is_test(place):
            continue
        for node in _subclasses(place, names):
            names.setdefault(node.name)
            places.extend(other for other in importers(place) if other not in places)
        for use in [use for name in names for use in named(place, name)]:
            call = place.parent(use)
            if isinstance(call, ast.Call) and call.func is use:
                kind = place.type_of(use)
                found = initializer_of(kind) if isinstance(kind, ProjectClass) else kind
                if isinstance(found, Function) and found.node is initializer.node:
                    yield place, call, initializer


def _subclasses(place: Module, names: Collection[str]) -> Iterator[ast.ClassDef]:
    """Yield the classes that have a base of one of these names."""
    for node in list(place.index.scopes):
        if isinstance(node, ast.ClassDef) and any(last_name(base) in names for base in node.bases):
            yield node


def _given(place: Module, call: ast.Call | None, callee: Function, parameter: ast.arg) -> Type:
    """Infer what one call gives for a parameter; what it leaves out is what the function says by default."""
    from flake8_async_sqla.semantics.objects.identities import paired

    if call is None or any(keyword.arg is None for keyword in call.keywords):
        return UNKNOWN
    if any(isinstance(value, ast.Starred) for value in call.args):
        return UNKNOWN
    for item, value in paired(callee, call.args, call.keywords):
        if item is parameter:
            return place.type_of(value)
    return NoneValue()
