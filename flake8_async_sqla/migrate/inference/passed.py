"""What reaches a parameter: what calls and ``functools.partial`` give to it, and what pytest's fixtures give."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from flake8_async_sqla.migrate.colouring.references import Reference
from flake8_async_sqla.migrate.inference.kinds import Kinds, gives
from flake8_async_sqla.migrate.inference.partials import is_partial
from flake8_async_sqla.migrate.project import FUNCTIONS, Sources, nodes
from flake8_async_sqla.semantics.inference.bindings import reaching
from flake8_async_sqla.semantics.inference.classes import lineage, scope_of_class
from flake8_async_sqla.semantics.inference.frames import pairs
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.scopes import Binding
from flake8_async_sqla.semantics.types import FunctionNode, ProjectClass, ProjectInstance

_AS_GIVEN = (ast.Attribute, ast.BoolOp, ast.Constant, ast.IfExp, ast.JoinedStr, ast.Name)


class Passed:
    """Follows expressions to what they were given."""

    def __init__(self, kinds: Kinds, sources: Sources, references: Mapping[FunctionNode, Sequence[Reference]]) -> None:
        """Take what is known of the project.

        Args:
            kinds: Types.
            sources: The modules that may be changed.
            references: The places that name each function.
        """
        self._kinds, self._sources, self._references = kinds, sources, references

    def origins(self, module: Module, node: ast.expr) -> list[tuple[Module, ast.expr]]:
        """List an expression and what reaches the parameters in it, with their modules.

        Args:
            module: The module.
            node: The expression.
        """
        found: dict[ast.expr, Module] = {}
        waiting = [(module, node)]
        while waiting:
            place, value = waiting.pop()
            if value not in found:
                found[value] = place
                waiting += self._before(place, value)
        return [(place, value) for value, place in found.items()]

    def _before(self, module: Module, node: ast.expr) -> Iterator[tuple[Module, ast.expr]]:
        if isinstance(node, (ast.BoolOp, ast.IfExp)):
            values = node.values if isinstance(node, ast.BoolOp) else [node.body, node.orelse]
            yield from ((module, value) for value in values)
        if isinstance(node, ast.Attribute) and isinstance(
            holder := self._kinds.of(module, node.value), ProjectInstance
        ):
            yield from self._kept(holder.cls, node.attr)
        scope = module.scope_of(node)
        held = scope.lookup(node.id) if isinstance(node, ast.Name) else None
        bindings = held[1] if held is not None else []
        if held is not None and held[0] is scope and len(bindings) > 1:
            bindings = reaching(module, bindings, node)
        if held is None or not all(isinstance(binding.node, ast.arg) or _is_as_given(binding) for binding in bindings):
            return
        for binding in bindings:
            if isinstance(binding.node, ast.arg):
                yield from self._given(module, held[0].node, binding.node)
            elif binding.value is not None:
                yield module, binding.value

    def _kept(self, cls: ProjectClass, name: str) -> Iterator[tuple[Module, ast.expr]]:
        """Yield what an attribute holds: what methods store in it, and what a constructor takes under its name."""
        for owner in lineage(cls):
            bindings = scope_of_class(owner).attributes.get(name, ()) if isinstance(owner, ProjectClass) else ()
            if isinstance(owner, ProjectClass) and all(_is_as_given(binding) for binding in bindings):
                yield from ((owner.module, binding.value) for binding in bindings if binding.value is not None)
        for module in self._sources.modules:
            for call in nodes(module, ast.Call):
                given = (
                    [keyword for keyword in call.keywords if keyword.arg == name] if isinstance(call, ast.Call) else []
                )
                if given and isinstance(call, ast.Call) and self._kinds.of(module, call.func) == cls:
                    yield module, given[0].value

    def _given(self, module: Module, node: ast.AST, parameter: ast.arg) -> Iterator[tuple[Module, ast.expr]]:
        if not isinstance(node, FUNCTIONS):
            return
        for place in self._references.get(node, ()):
            call = place.module.parent(place.node)
            if isinstance(call, ast.Call) and is_partial(self._kinds.of(place.module, call.func), call):
                call = ast.Call(call.args[0], call.args[1:], call.keywords)
            named = self._kinds.called(place.module, call) if isinstance(call, ast.Call) else None
            if isinstance(call, ast.Call) and named is not None and named.node is node:
                yield from ((place.module, value) for name, value in pairs(named, call) if name == parameter.arg)
        fixture = self._kinds.fixture(module, parameter)
        yield from ((fixture.module, value) for value in gives(fixture)) if fixture is not None else ()


def _is_as_given(binding: Binding) -> bool:
    """Tell whether a variable holds one of the values that its assignment names, and nothing made of them."""
    return binding.kind == "value" and not binding.unpack and isinstance(binding.value, _AS_GIVEN)
