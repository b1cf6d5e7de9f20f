"""The smallest piece of a module that can be parsed alone and holds a given node."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from flake8_async_sqla.fixes.scopes import Binding, bindings
from flake8_async_sqla.fixes.text import Refused, Text

_BLOCKS = (ast.stmt, ast.excepthandler, ast.match_case)
_LISTS = ("body", "orelse", "finalbody", "handlers", "cases")
_NOT_HEADER = frozenset({*_LISTS, "decorator_list"})


@dataclass(frozen=True, slots=True)
class Unit:
    """A simple statement, the header of a compound one, or a decorator.

    Attributes:
        node: The statement, handler, match case or decorator expression.
        start: Index of the first character.
        end: Index after the last character.
        before: Code that must precede the characters so that they parse.
        after: Code that must follow them.
    """

    node: ast.AST
    start: int
    end: int
    before: str = ""
    after: str = ""


class Tree:
    """A module's ``ast`` tree with its parents."""

    def __init__(self, module: ast.Module, text: Text) -> None:
        """Index a tree that was parsed from ``text``."""
        self.module = module
        self.text = text
        self._bindings: dict[ast.AST, dict[str, list[Binding]]] = {}

    @cached_property
    def parent(self) -> dict[ast.AST, ast.AST]:
        """The node around each node."""
        found: dict[ast.AST, ast.AST] = {}
        nodes: list[ast.AST] = [self.module]
        while nodes:
            node = nodes.pop()
            for child in ast.iter_child_nodes(node):
                found[child] = node
                nodes.append(child)
        return found

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that the module's code reads or binds as variables."""
        return frozenset(node.id for node in ast.walk(self.module) if isinstance(node, ast.Name))

    def bindings(self, scope: ast.AST) -> dict[str, list[Binding]]:
        """Return what a scope binds, by name; the scopes inside it are left out."""
        if scope not in self._bindings:
            self._bindings[scope] = bindings(scope)
        return self._bindings[scope]

    def holds(self, node: ast.AST) -> bool:
        """Return whether a node is part of this tree."""
        return node is self.module or node in self.parent

    def statement(self, node: ast.AST) -> ast.stmt:
        """Return the innermost statement that holds a node."""
        while not isinstance(node, ast.stmt):
            node = self.parent[node]
        return node

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        """Return the list of statements that a statement belongs to."""
        parent = self.parent[statement]
        for field in ("body", "orelse", "finalbody"):
            block = getattr(parent, field, None)
            if isinstance(block, list) and statement in block:
                return block
        raise Refused("the statement belongs to no block")

    def unit(self, node: ast.AST) -> Unit:
        """Return the smallest unit that holds a node."""
        child = node
        while not isinstance(node, _BLOCKS):
            node, child = self.parent[node], node
        if child in getattr(node, "decorator_list", ()):
            return Unit(child, *self.text.span(child))
        if isinstance(node, ast.stmt) and not _is_compound(node):
            return Unit(node, *self.text.span(node))
        start = self._start(node)
        end = self._colon(node, start) + 1
        before = ""
        if isinstance(node, ast.excepthandler):
            before = "try: pass\n"
        elif isinstance(node, ast.match_case):
            before = "match _:\n "
        elif self.text.code.startswith("elif", start):
            before = "if _: pass\n"
        if isinstance(node, (ast.Match, ast.Try)) or type(node).__name__ == "TryStar":
            after = "\n case _: pass" if isinstance(node, ast.Match) else " pass\nfinally: pass"
        else:
            after = " pass"
        return Unit(node, start, end, before, after)

    def _start(self, node: ast.AST) -> int:
        if not isinstance(node, ast.match_case):
            return self.text.span(node)[0]
        return self.text.code.rindex("case", 0, self.text.span(node.pattern)[0])

    def _colon(self, node: ast.AST, start: int) -> int:
        at = max(start, self._header_end(node))
        code = self.text.code
        while code[at] != ":":
            at = min(self._end_of_line(at), len(code) - 1) if code[at] == "#" else at + 1
        return at

    def _header_end(self, node: ast.AST) -> int:
        ends = [0]
        for field, value in ast.iter_fields(node):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and field not in _NOT_HEADER:
                    ends.append(self.text.span(child)[1] if hasattr(child, "end_lineno") else self._header_end(child))
        return max(ends)

    def _end_of_line(self, at: int) -> int:
        while at < len(self.text.code) and self.text.code[at] not in "\r\n":
            at += 1
        return at


def statements_in(module: ast.Module) -> Iterator[ast.stmt]:
    """Yield all statements of a module, in no order."""
    blocks: list[ast.AST] = [module]
    while blocks:
        node = blocks.pop()
        if isinstance(node, ast.stmt):
            yield node
        for field in _LISTS:
            blocks += getattr(node, field, ())


def _is_compound(statement: ast.stmt) -> bool:
    return hasattr(statement, "body") or isinstance(statement, ast.Match)
