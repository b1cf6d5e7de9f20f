"""The LibCST nodes of a unit, found by the ``ast`` nodes they stand for."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator

import libcst as cst

from flake8_async_sqla.fixes.spans import Spans
from flake8_async_sqla.fixes.text import Refused, Text
from flake8_async_sqla.fixes.units import Tree, Unit

_OWNS_PARENTHESES = (cst.Tuple, cst.GeneratorExp)
_STATEMENTS = (cst.FunctionDef, cst.With, cst.For)
_LONGEST = 200_000
_WRONG_IN_STRINGS = sys.version_info < (3, 12)


class Fragment:
    """One unit, parsed by LibCST.

    Attributes:
        module: The little module that LibCST made of the unit.
        unit: The unit.
    """

    def __init__(self, tree: Tree, unit: Unit) -> None:
        """Parse a unit of a tree.

        Raises:
            Refused: LibCST cannot parse the unit or does not reproduce it.
        """
        self.unit = unit
        self._tree = tree
        code = unit.before + tree.text.code[unit.start : unit.end] + unit.after
        if len(code) > _LONGEST:
            raise Refused(f"the statement is longer than {_LONGEST} characters")
        try:
            self.module = cst.parse_module(code)
        except (cst.ParserSyntaxError, RecursionError) as error:
            raise Refused(f"LibCST cannot parse the statement: {type(error).__name__}") from None
        self._code = code
        self._spans = Spans(self.module)
        if self._spans.code != code:
            raise Refused("LibCST does not reproduce the statement's white space")
        self._expressions: dict[tuple[int, int], cst.BaseExpression] = {}
        self._loops: list[cst.CompFor] = []
        self._in_strings: dict[ast.JoinedStr, dict[ast.AST, tuple[int, int]]] = {}
        self._statement: cst.FunctionDef | cst.With | cst.For | None = None
        self._collect()

    def printed(self, module: cst.Module) -> str:
        """Return the unit's code after its module was transformed."""
        code = module.code
        end = len(code) - len(self.unit.after)
        return code[len(self.unit.before) : end]

    def around(self, nodes: Iterable[cst.CSTNode]) -> set[cst.CSTNode]:
        """Return the LibCST nodes that hold one of some nodes, and these."""
        found: set[cst.CSTNode] = set()
        for node in nodes:
            inner: cst.CSTNode | None = node
            while inner is not None and inner not in found:
                found.add(inner)
                inner = self._spans.parent.get(inner)
        return found

    def expression(self, node: ast.AST) -> cst.BaseExpression:
        """Return the LibCST node of an expression.

        Raises:
            Refused: There is none.
        """
        found = self._expressions.get(self._span(node))
        if found is None:
            raise Refused(f"LibCST sees no {type(node).__name__} there")
        return found

    def statement(self) -> cst.FunctionDef | cst.With | cst.For:
        """Return the LibCST node of the compound statement whose header the unit is.

        Raises:
            Refused: The unit is something else.
        """
        if self._statement is None:
            raise Refused("LibCST sees no such statement there")
        return self._statement

    def loop(self, loop: ast.comprehension) -> cst.CompFor:
        """Return the LibCST node of a comprehension's ``for``.

        Raises:
            Refused: There is none.
        """
        target = self.expression(loop.target)
        for found in self._loops:
            if found.target is target:
                return found
        raise Refused("LibCST sees no such comprehension there")

    def _collect(self) -> None:
        spans = self._spans.span
        for node, (start, end) in spans.items():
            if isinstance(node, _STATEMENTS) and self._statement is None:
                self._statement = node
            if isinstance(node, cst.CompFor):
                self._loops.append(node)
            if isinstance(node, _OWNS_PARENTHESES) and node.lpar:
                start, end = spans[node.lpar[-1]][0], spans[node.rpar[0]][1]
            if isinstance(node, cst.BaseExpression):
                self._expressions.setdefault((start, end), node)

    def _span(self, node: ast.AST) -> tuple[int, int]:
        text, shift = self._tree.text, len(self.unit.before) - self.unit.start
        if _WRONG_IN_STRINGS and (string := self._string_around(node)) is not None:
            return self._span_in_string(string, node)
        start, end = text.span(node)
        return start + shift, end + shift

    def _string_around(self, node: ast.AST) -> ast.JoinedStr | None:
        """Return the outermost f-string around a node: before Python 3.12 positions inside it are not reliable."""
        found = None
        while (parent := self._tree.parent.get(node)) is not None and not isinstance(node, ast.stmt):
            node = parent
            if isinstance(node, ast.JoinedStr) and not _is_format(node, self._tree):
                found = node
        return found

    def _span_in_string(self, string: ast.JoinedStr, wanted: ast.AST) -> tuple[int, int]:
        if string not in self._in_strings:
            self._in_strings[string] = dict(self._spans_in(string))
        if wanted not in self._in_strings[string]:
            raise Refused("LibCST sees no such expression in the f-string")
        return self._in_strings[string][wanted]

    def _spans_in(self, string: ast.JoinedStr) -> Iterator[tuple[ast.AST, tuple[int, int]]]:
        printed = cst.Module([])
        for value, field in zip(_replacement_fields(string), _fields(self.expression(string)), strict=True):
            code = printed.code_for_node(field)
            start, end = self._spans.span[field]
            outer = code.index(self._code[start:end])
            inside = Text(f"({code})")
            for old, new in zip(ast.walk(value), ast.walk(ast.parse(inside.code, mode="eval").body), strict=True):
                if hasattr(new, "end_lineno"):
                    first, last = inside.span(new)
                    yield old, (first - 1 - outer + start, last - 1 - outer + start)


def _is_format(node: ast.JoinedStr, tree: Tree) -> bool:
    parent = tree.parent.get(node)
    return isinstance(parent, ast.FormattedValue) and parent.format_spec is node


def _replacement_fields(string: ast.JoinedStr) -> list[ast.expr]:
    values: list[ast.expr] = []
    for part in string.values:
        if isinstance(part, ast.FormattedValue):
            values.append(part.value)
            if isinstance(part.format_spec, ast.JoinedStr):
                values += _replacement_fields(part.format_spec)
    return values


def _fields(string: cst.CSTNode) -> list[cst.BaseExpression]:
    if isinstance(string, cst.ConcatenatedString):
        return _fields(string.left) + _fields(string.right)
    found: list[cst.BaseExpression] = []
    parts = string.parts if isinstance(string, cst.FormattedString) else getattr(string, "format_spec", None) or ()
    for part in parts:
        if isinstance(part, cst.FormattedStringExpression):
            found += [part.expression, *_fields(part)]
    return found
