"""What visible constructions of a class give to ``__init__``: whether two of its objects share one session."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterator

from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.frameworks.callers import named
from flake8_async_sqla.semantics.inference.classes import class_attribute
from flake8_async_sqla.semantics.inference.functions import is_stub
from flake8_async_sqla.semantics.inference.promising import promising
from flake8_async_sqla.semantics.inference.visible_calls import constructions
from flake8_async_sqla.semantics.mapping import constants
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import first_parameter
from flake8_async_sqla.semantics.objects.constructions import (
    attribute_key,
    class_of_self,
    field_values,
    initializer_of,
    made,
    settled,
    unfolded,
)
from flake8_async_sqla.semantics.objects.identities import MAX_DEPTH, arguments_of, key_of, paired
from flake8_async_sqla.semantics.objects.identity import Attribute, Key, Variable, root, substitute
from flake8_async_sqla.semantics.types import UNKNOWN, Function, ProjectClass, ProjectInstance, Type


def alike(first: Key, second: Key) -> bool:
    """Tell whether constructions give ``__init__`` one session by two parameters, and none gives it two sessions.

    Args:
        first: A session, in terms of a parameter of ``__init__``: ``users._session``.
        second: Another one.
    """
    given = [(settled(one), settled(two)) for one, two in _given_together(first, second) if one and two]
    found = [one == two for one, two in given if one is not None and two is not None]
    return bool(found) and all(found)


def _given_together(first: Key, second: Key) -> Iterator[tuple[Key | None, Key | None]]:
    """Yield what two keys come to in each construction of the object that both start from."""
    initializer, other = _initializer(first), _initializer(second)
    if initializer is not None and other is not None and initializer.node is other.node:
        for place, call in _constructions(initializer):
            given = arguments_of(place, initializer, call.func, call.args, call.keywords)
            yield substitute(first, initializer, given), substitute(second, initializer, given)
    owner = _owner(first)
    if owner is not None and owner == _owner(second) and initializer_of(owner) is None:
        for place, call in _calls(owner.module, lambda cls: cls == owner):
            whole = made(place, owner, call, MAX_DEPTH)
            yield _within(whole, first), _within(whole, second)


def _owner(key: Key) -> ProjectClass | None:
    """Return the class of the ``self`` that an attribute path starts from."""
    start = root(key)
    return class_of_self(start) if isinstance(start, Variable) and key is not start else None


def _within(whole: Key, key: Key) -> Key | None:
    """Return what a key that starts from ``self`` means for one object."""
    if not isinstance(key, Attribute):
        return whole
    holder = _within(whole, key.holder)
    return attribute_key(holder, key.name) if holder is not None else None


def implementation(module: Module, func: ast.expr, declared: Function) -> Function:
    """Return the method that runs for one of a protocol or abstract class, if constructions agree on its class.

    Args:
        module: The module of the call.
        func: What is called: ``self.users.get``.
        declared: What its annotation says that is.
    """
    if not isinstance(func, ast.Attribute) or not is_stub(declared.node):
        return declared
    holder = key_of(module, func.value)
    found: set[Function] = set()
    for kind in _given(holder) if holder is not None else ():
        method = class_attribute(kind.cls, func.attr, kind) if isinstance(kind, ProjectInstance) else UNKNOWN
        if isinstance(method, Function) and not is_stub(method.node):
            assert isinstance(kind, ProjectInstance)
            found.add(Function(method.module, method.node, ProjectInstance(kind.cls)))
    return found.pop() if len(found) == 1 else declared


def constructed_with(module: Module, node: ast.expr) -> list[Type]:
    """List the types of what visible constructions give for an attribute that ``__init__`` keeps: ``self.session``."""
    key = key_of(module, node)
    return [*_given(key)] if key is not None else []


def _given(key: Key) -> Iterator[Type]:
    """Yield the types of what visible constructions give for a parameter of ``__init__``, or for a dataclass field."""
    parameter = unfolded(key)
    initializer = _initializer(parameter) if isinstance(parameter, Variable) else None
    if initializer is not None and isinstance(initializer.receiver, ProjectInstance):
        assert isinstance(parameter, Variable)
        for place, call, _ in constructions(initializer, initializer.receiver.cls):
            for argument, value in paired(initializer, call.args, call.keywords):
                if argument is parameter.parameter:
                    yield place.type_of(value)
    owner = _owner(key)
    if owner is not None and isinstance(key, Attribute) and initializer_of(owner) is None:
        for place in [owner.module, *importers(owner.module)]:
            for use in named(place, owner.node.name) if not is_test(place) else ():
                made = place.parent(use)
                if isinstance(made, ast.Call) and made.func is use and place.type_of(use) == owner:
                    yield from (place.type_of(value) for name, value in field_values(owner, made) if name == key.name)


def items(module: Module, node: ast.expr) -> list[ast.expr]:
    """List what a name stands for one after the other, that a loop takes out of a written list or tuple."""
    found = module.scope_of(node).lookup(node.id) if isinstance(node, ast.Name) else None
    if found is None or len(found[1]) != 1 or found[1][0].kind != "for" or found[1][0].unpack:
        return []
    source = found[1][0].value
    if isinstance(source, ast.Name):
        home, value = constants.named(module, source)
        source = value if home == module else None
    return source.elts if isinstance(source, (ast.List, ast.Tuple)) else []


def _initializer(key: Key) -> Function | None:
    """Return the ``__init__`` that a key starts from a parameter of."""
    start = root(key)
    node = start.scope if isinstance(start, Variable) and start.parameter is not None else None
    if not isinstance(start, Variable) or not isinstance(node, ast.FunctionDef) or node.name != "__init__":
        return None
    owner = start.module.parent(node)
    if not isinstance(owner, ast.ClassDef) or start.parameter is first_parameter(node.args):
        return None
    return Function(start.module, node, ProjectInstance(ProjectClass(start.module, owner)))


def _constructions(initializer: Function) -> Iterator[tuple[Module, ast.Call]]:
    """Yield the calls of classes that run an ``__init__``, those of tests aside."""

    def runs(cls: ProjectClass) -> bool:
        found = initializer_of(cls)
        return found is not None and found.node is initializer.node

    return _calls(initializer.module, runs)


def _calls(home: Module, fits: Callable[[ProjectClass], bool]) -> Iterator[tuple[Module, ast.Call]]:
    for place in [home, *importers(home)]:
        if not is_test(place):
            made = place.cached("constructions", functools.partial(_made_in, place))
            yield from ((place, call) for call, cls in made if fits(cls))


def _made_in(module: Module) -> list[tuple[ast.Call, ProjectClass]]:
    """List the calls of a module that make objects of project classes."""
    nodes = [(node, scope) for scope in module.index.scopes.values() for node in scope.nodes]
    calls = [node for node, scope in nodes if type(node) is ast.Call and promising(module, node.func, scope)]
    kinds = [(call, module.type_of(call.func)) for call in calls]
    return [(call, kind) for call, kind in kinds if isinstance(kind, ProjectClass)]
