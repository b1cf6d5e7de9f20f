"""Objects that a session gives as it holds them: a lookup by key does not load what they came along without."""

from __future__ import annotations

import ast

from flake8_async_sqla.migrate.colouring.colour import Colouring
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.project import FUNCTIONS, Sources, home, mapped_classes
from flake8_async_sqla.semantics.inference.bindings import reaching
from flake8_async_sqla.semantics.inference.calls import SESSIONS
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.frames import pairs
from flake8_async_sqla.semantics.inference.functions import returned
from flake8_async_sqla.semantics.mapping.classes import attribute, mapped_class
from flake8_async_sqla.semantics.mapping.model import Attribute
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.scopes import Binding, Scope
from flake8_async_sqla.semantics.types import Member, ProjectClass, ProjectInstance

_LOOKUPS = ("get", "get_one")
_AT_ONCE = ("selectin", "joined", "subquery", "immediate")
_DEPTH = 4


def leading_back(sources: Sources) -> dict[str, set[ProjectClass]]:
    """List the relationships that objects lack which came along by the other side, with their classes."""
    found: dict[str, set[ProjectClass]] = {}
    for cls, mapped in mapped_classes(sources):
        for name, own in mapped.attributes.items():
            target = mapped_class(own.target) if own.target is not None and _loads(own) else None
            others = target.attributes.values() if target is not None else ()
            if own.many_to_one is not True and any(_loads(other) and other.target == cls for other in others):
                found.setdefault(name, set()).add(cls)
    return found


def _loads(own: Attribute) -> bool:
    return own.kind == "relationship" and own.lazy in _AT_ONCE and not own.join_depth


class Lookups:
    """Tells which expressions may give an object as the session holds it."""

    def __init__(self, kinds: Kinds, colouring: Colouring) -> None:
        """Look at nothing yet."""
        self._kinds, self._colouring = kinds, colouring

    def gives(self, module: Module, node: ast.expr, depth: int = _DEPTH) -> bool:
        """Tell whether an expression may give what a lookup by key found, or what came along with another object.

        Args:
            module: The module.
            node: The expression.
            depth: How many functions to look into.
        """
        if depth == 0:
            return False
        match node:
            case ast.Await() | ast.NamedExpr():
                return self.gives(module, node.value, depth)
            case ast.IfExp():
                return self.gives(module, node.body, depth) or self.gives(module, node.orelse, depth)
            case ast.BoolOp():
                return any(self.gives(module, value, depth) for value in node.values)
            case ast.Attribute():
                holder = self._kinds.of(module, node.value)
                read = attribute(holder.cls, node.attr) if isinstance(holder, ProjectInstance) else None
                return read is not None and read.kind == "relationship"
            case ast.Call():
                return self._call(module, node, depth)
            case ast.Name():
                scope, held = home(module, node), module.scope_of(node).lookup(node.id)
                own = held is not None and held[0] in (scope, module.scope_of(node))
                bindings = reaching(module, held[1], node) if held is not None and own else ()
                return any(self._binding(module, scope, node.id, binding, depth) for binding in bindings)
        return False

    def _call(self, module: Module, call: ast.Call, depth: int) -> bool:
        kind = self._kinds.of(module, call.func)
        if isinstance(kind, Member):
            return kind.name in _LOOKUPS and is_a(kind.receiver, *SESSIONS)
        function = self._kinds.called(module, call)
        return function is not None and any(
            self.gives(function.module, value, depth - 1) for value in returned(function.module, function.node)
        )

    def _binding(self, module: Module, scope: Scope, name: str, binding: Binding, depth: int) -> bool:
        if isinstance(binding.node, ast.arg):
            calls = self.given(scope.node, name)
            return any(self.gives(place, value, depth - 1) for place, _, value in calls)
        return binding.value is not None and not binding.unpack and self.gives(module, binding.value, depth)

    def given(self, function: ast.AST, name: str) -> list[tuple[Module, ast.Call, ast.expr]]:
        """List what calls of a function give to a parameter, with the calls."""
        found: list[tuple[Module, ast.Call, ast.expr]] = []
        places = self._colouring.references.get(function, ()) if isinstance(function, FUNCTIONS) else ()
        for place in places:
            call = place.module.parent(place.node)
            called = self._kinds.called(place.module, call) if isinstance(call, ast.Call) else None
            if place.use == "call" and isinstance(call, ast.Call) and called is not None:
                found += [(place.module, call, value) for given, value in pairs(called, call) if given == name]
        return found
