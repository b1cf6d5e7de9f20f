"""A function's body as one call of it runs it: types of what is not annotated come from the arguments given."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from flake8_async_sqla.semantics.inference.annotations import alternatives
from flake8_async_sqla.semantics.inference.bindings import entered
from flake8_async_sqla.semantics.inference.calls import SESSION, SESSIONMAKER, call_type
from flake8_async_sqla.semantics.inference.classes import class_attribute, is_a, lineage, scope_of_class
from flake8_async_sqla.semantics.inference.infer import attribute_type
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import first_parameter, parameters
from flake8_async_sqla.semantics.names.scopes import Binding
from flake8_async_sqla.semantics.types import (
    UNKNOWN,
    Coroutine,
    Function,
    FunctionNode,
    Instance,
    ProjectClass,
    ProjectInstance,
    Type,
)

MAX_HOPS = 12
_LIBRARIES = ("sqlalchemy.", "sqlmodel.")


@dataclass(frozen=True, slots=True)
class Frame:
    """A function and what one call gives its parameters.

    Attributes:
        module: The module of the function.
        node: The function.
        given: Parameter names and types, of those whose type its own module does not tell.
    """

    module: Module
    node: FunctionNode
    given: tuple[tuple[str, Type], ...] = ()

    def type_of(self, node: ast.expr, hops: int = MAX_HOPS) -> Type:
        """Infer the type of an expression in the function's body."""
        found: Type = UNKNOWN
        if isinstance(node, ast.Name) and self.given and self.is_parameter(node):
            found = dict(self.given).get(node.id, UNKNOWN)
        elif isinstance(node, ast.Attribute) and self.given and hops and starts_with(node, self.given[0][0]):
            found = self._derived(node, hops - 1)
        if found is not UNKNOWN:
            return found
        known = self.module.type_of(node)
        return known if known is not UNKNOWN or not hops else self._derived(node, hops - 1)

    def _derived(self, node: ast.expr, hops: int) -> Type:
        if isinstance(node, ast.Name):
            return self._named(node, hops)
        if isinstance(node, ast.Attribute):
            holder = self.type_of(node.value, hops)
            found = attribute_type(self.module, holder, node.attr) if holder is not UNKNOWN else UNKNOWN
            if found is UNKNOWN and isinstance(holder, ProjectInstance):
                return _constructed(holder, node.attr)
            return found
        if isinstance(node, ast.Call):
            callee = self.type_of(node.func, hops)
            return call_type(self.module, node, callee) if callee is not UNKNOWN else UNKNOWN
        if isinstance(node, ast.Await):
            awaited = self.type_of(node.value, hops)
            return awaited.result if isinstance(awaited, Coroutine) else UNKNOWN
        return UNKNOWN

    def _named(self, name: ast.Name, hops: int) -> Type:
        """Infer the type of a variable, also of one bound to what comes of itself: ``query = query.limit()``."""
        own, others = self._bindings(name)
        if len(others) != 1 or others[0].value is None or others[0].unpack:
            return UNKNOWN
        binding = others[0]
        if binding.kind == "with":
            found = entered(self.type_of(others[0].value, hops), is_async=False)
            found = found if found is not UNKNOWN else self._entered_choice(others[0].value)
        else:
            found = self.type_of(others[0].value, hops) if binding.kind == "value" else UNKNOWN
        same = all(self._along(value, name.id, found) == found for value in own)
        return found if same else UNKNOWN

    def _bindings(self, name: ast.Name) -> tuple[list[ast.expr], list[Binding]]:
        """Split what this function binds a name to: values that come of the name itself, and other bindings."""
        found = self.module.scope_of(name).lookup(name.id)
        if found is None or found[0].kind not in ("function", "comprehension"):
            return [], []
        own = [binding for binding in found[1] if binding.kind == "value" and starts_with(binding.value, name.id)]
        return [value for binding in own if (value := binding.value)], [item for item in found[1] if item not in own]

    def _along(self, node: ast.expr, name: str, kind: Type) -> Type:
        """Infer the type of ``name.a().b()`` where ``name`` is of some type."""
        if isinstance(node, ast.Attribute):
            return attribute_type(self.module, self._along(node.value, name, kind), node.attr)
        if isinstance(node, ast.Call):
            return call_type(self.module, node, self._along(node.func, name, kind))
        return kind

    def _entered_choice(self, call: ast.expr) -> Type:
        """Infer what a plain ``with`` enters where either a sync or an async factory is called: the sync session."""
        func = call.func if isinstance(call, ast.Call) else None
        holder = self.module.type_of(func.value) if isinstance(func, ast.Attribute) else UNKNOWN
        if not isinstance(func, ast.Attribute) or not isinstance(holder, ProjectInstance):
            return UNKNOWN
        for cls in lineage(holder.cls):
            bindings = scope_of_class(cls).names.get(func.attr, ()) if isinstance(cls, ProjectClass) else ()
            for binding in bindings:
                if isinstance(cls, ProjectClass) and binding.annotation is not None:
                    kinds = alternatives(cls.module, binding.annotation, scope_of_class(cls))
                    return Instance(SESSION) if any(is_a(kind, SESSIONMAKER) for kind in kinds) else UNKNOWN
        return UNKNOWN

    def binding(self, name: ast.Name) -> Binding | None:
        """Return the one binding of a variable of this function; ``None`` if it has several, or belongs elsewhere."""
        others = self._bindings(name)[1]
        return others[0] if len(others) == 1 else None

    def is_parameter(self, name: ast.Name) -> bool:
        """Tell whether a name is a parameter of this function, and nothing else."""
        found = self.module.scope_of(name).lookup(name.id)
        if found is None or found[0].node is not self.node:
            return False
        return all(binding.kind == "parameter" for binding in found[1])


def starts_with(node: ast.expr | None, name: str) -> bool:
    """Tell whether an expression is a chain of calls and attributes on a name."""
    while isinstance(node, (ast.Attribute, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return isinstance(node, ast.Name) and node.id == name


def pairs(function: Function, call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """Pair the names of a function's parameters with the arguments of a call; those of ``*`` and ``**`` stay out."""
    names = [argument.arg for argument, _ in parameters(function.node.args)]
    if function.receiver is not None:
        names = names[1:]
    for name, value in zip(names, call.args, strict=False):
        if isinstance(value, ast.Starred):
            break
        yield name, value
    for keyword in call.keywords:
        if keyword.arg in names:
            yield keyword.arg, keyword.value


def enter(caller: Frame, function: Function, call: ast.Call) -> Frame:
    """Open the frame of a function that a call in another frame runs."""
    scope = function.module.index.scopes[function.node]
    given: list[tuple[str, Type]] = []
    if isinstance(function.receiver, ProjectInstance) and _was_given(function.receiver):
        receiver = first_parameter(function.node.args)
        if receiver is not None:
            given.append((receiver.arg, function.receiver))
    for name, value in pairs(function, call):
        binding = scope.names[name][0]
        if binding.annotation is not None:
            continue
        kind = caller.type_of(value)
        if isinstance(kind, Instance) and kind.cls.startswith(_LIBRARIES):
            given.append((name, Instance(kind.cls, None, kind.args)))
        elif isinstance(kind, ProjectInstance):
            given.append((name, kind if _was_given(kind) else ProjectInstance(kind.cls)))
    return Frame(function.module, function.node, tuple(given))


def _was_given(instance: ProjectInstance) -> bool:
    """Tell whether the constructor of an object took arguments, in a call that is visible."""
    return instance.origin is not None and bool(instance.origin.call.args or instance.origin.call.keywords)


def _constructed(instance: ProjectInstance, name: str) -> Type:
    """Infer the type of an attribute that ``__init__`` takes from an argument it was given."""
    origin = instance.origin
    constructor = class_attribute(instance.cls, "__init__", instance)
    if origin is None or not isinstance(constructor, Function):
        return UNKNOWN
    made = origin.module.type_of(origin.call.func)
    if not isinstance(made, ProjectClass):
        return UNKNOWN
    for cls in lineage(instance.cls):
        bindings = scope_of_class(cls).attributes.get(name, ()) if isinstance(cls, ProjectClass) else ()
        for binding in bindings:
            value = binding.value
            if len(bindings) != 1 or not isinstance(value, ast.Name) or binding.unpack:
                return UNKNOWN
            if constructor.module.function(value) is not constructor.node:
                return UNKNOWN
            return next(
                (origin.module.type_of(given) for found, given in pairs(constructor, origin.call) if found == value.id),
                UNKNOWN,
            )
    return UNKNOWN
