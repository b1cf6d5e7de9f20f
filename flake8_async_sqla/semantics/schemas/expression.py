"""Type expressions of schemas, together with what their names mean."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from flake8_async_sqla.semantics.inference.annotations import alias_of, parse_string
from flake8_async_sqla.semantics.inference.infer import infer
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.names.nodes import parts
from flake8_async_sqla.semantics.names.scopes import Binding, Scope
from flake8_async_sqla.semantics.types import External, ProjectClass, Type

MAX_HOPS = 20
_BUILTINS = frozenset({"bool", "bytes", "dict", "float", "frozenset", "int", "list", "object", "set", "str", "tuple"})


@dataclass(frozen=True, slots=True)
class Expression:
    """An annotation where it stands.

    Attributes:
        module: The module that holds it.
        node: The annotation.
        scope: Where its names are looked up.
        given: What type variables stand for, by name.
    """

    module: Module
    node: ast.expr
    scope: Scope
    given: tuple[tuple[str, Expression], ...] = ()

    def at(self, node: ast.expr) -> Expression:
        """Return another expression in the same place."""
        return replace(self, node=node)

    def settled(self) -> Expression:
        """Follow quotes, aliases and type variables to the expression that is meant."""
        current = self
        for _ in range(MAX_HOPS):
            node = current.node
            if isinstance(node, ast.Constant) and (parsed := parse_string(current.module, node)) is not None:
                current = current.at(parsed)
            elif isinstance(node, ast.Name) and (meant := dict(current.given).get(node.id)) is not None:
                current = meant
            elif isinstance(node, (ast.Name, ast.Attribute)):
                alias = alias_of(current.module, node, current.scope)
                if alias is None:
                    break
                module, value = alias
                current = Expression(module, value, module.index.top)
            else:
                break
        return current

    @property
    def kind(self) -> Type:
        """What the expression is: a class of the project or of a library.

        Classes are looked for in files that name no database as well: schemas often live in such.
        """
        module, binding = definition(self.module, self.node, self.scope)
        if binding is None and isinstance(self.node, ast.Attribute):
            module, binding = self._member(self.node)
        if binding is not None and isinstance(binding.node, ast.ClassDef):
            return ProjectClass(module, binding.node)
        return infer(self.module, self.node, self.scope)

    def _member(self, node: ast.Attribute) -> tuple[Module, Binding | None]:
        """Find what ``schemas.Author`` is bound to, where ``schemas`` is imported."""
        found = self.scope.lookup(node.value.id) if isinstance(node.value, ast.Name) else None
        if found is not None and len(found[1]) == 1 and found[1][0].kind == "import":
            source, _, name = found[1][0].target.partition(":")
            dotted = f"{source}{'' if source.endswith('.') or not name else '.'}{name}"
            path = self.module.project.resolve(dotted, self.module.path)
            other = self.module.project.load(path) if path is not None and path.endswith(".py") else None
            if other is not None:
                return definition(other, ast.Name(node.attr, ast.Load()), other.index.top)
        return self.module, None

    @property
    def path(self) -> str:
        """The dotted path of a library's class or of a builtin; empty if it is neither."""
        kind = self.kind
        if isinstance(kind, External):
            return kind.path
        node = self.node
        plain = isinstance(node, ast.Name) and node.id in _BUILTINS and self.scope.lookup(node.id) is None
        return f"builtins.{node.id}" if plain and isinstance(node, ast.Name) else ""

    def arguments(self) -> list[Expression]:
        """List the type arguments of a subscript."""
        if not isinstance(self.node, ast.Subscript):
            return []
        return [self.at(item) for item in parts(self.node.slice)]

    def alternatives(self) -> Iterator[Expression]:
        """Yield the parts of ``A | B``, ``Union[A, B]`` and ``Optional[A]``, else the expression itself."""
        settled = self.settled()
        node = settled.node
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            yield from settled.at(node.left).alternatives()
            yield from settled.at(node.right).alternatives()
        elif isinstance(node, ast.Subscript) and last(settled.at(node.value).path) in ("Union", "Optional"):
            for argument in settled.arguments():
                yield from argument.alternatives()
        else:
            yield settled


def last(path: str) -> str:
    """Return the last part of a dotted path."""
    return path.rpartition(".")[2]
