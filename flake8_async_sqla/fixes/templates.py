"""Templates of new code, printed with LibCST."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TypeAlias

import libcst as cst

from flake8_async_sqla.fixes.precedence import fitted, parenthesized
from flake8_async_sqla.fixes.text import Refused, Text
from flake8_async_sqla.fixes.vocabulary import Code

Resolve: TypeAlias = Callable[[str], str]


def marked(code: Code) -> tuple[str, dict[str, str]]:
    """Return a template with an identifier for each placeholder, and the placeholder of each identifier."""
    marks = {name: f"_asq_{name}_" for name in (*code.nodes, *code.symbols)}
    return code.template.format(**marks), {mark: name for name, mark in marks.items()}


def parts(code: Code, text: Text, resolve: Resolve) -> dict[str, cst.BaseExpression]:
    """Return what stands for each placeholder.

    Args:
        code: The template.
        text: The text that its nodes were parsed from.
        resolve: Gives the name under which the module reaches an object, by its dotted path.
    """
    found = {name: sliced(node, text) for name, node in code.nodes.items()}
    return found | {name: cst.parse_expression(resolve(symbol)) for name, symbol in code.symbols.items()}


def sliced(node: ast.AST, text: Text) -> cst.BaseExpression:
    """Parse an expression out of its own source code.

    Raises:
        Refused: The node is no expression.
    """
    code = text.slice(node)
    for spelling in (code, f"({code})"):
        try:
            return cst.parse_expression(spelling)
        except cst.ParserSyntaxError:
            continue
    raise Refused(f"a {type(node).__name__} cannot be copied into new code")


def expression(code: Code, values: Mapping[str, cst.BaseExpression], enclosed: bool = False) -> cst.BaseExpression:
    """Return the expression of a template with its placeholders filled.

    Args:
        code: The template.
        values: What stands for each placeholder.
        enclosed: Whether the expression will stand in parentheses, where it may span lines.
    """
    template, marks = marked(code)
    fill = _Fill({mark: values[name] for mark, name in marks.items()}, enclosed)
    filled = cst.parse_expression(template).visit(fill)
    assert isinstance(filled, cst.BaseExpression)
    return filled


def statements(code: Code, values: Mapping[str, cst.BaseExpression], indent: str, newline: str) -> str:
    """Return a template's statements, without the last line's end.

    Args:
        code: The template.
        values: What stands for each placeholder.
        indent: One step of indentation.
        newline: The line end of the file.
    """
    template, marks = marked(code)
    module = cst.parse_module(template.strip("\n"))
    filled = module.visit(_Fill({mark: values[name] for mark, name in marks.items()}))
    return filled.with_changes(default_indent=indent, default_newline=newline).code.removesuffix(newline)


class _Fill(cst.CSTTransformer):
    def __init__(self, values: Mapping[str, cst.BaseExpression], enclosed: bool = False) -> None:
        super().__init__()
        self._values = values
        self._enclosed = enclosed
        self._parents: list[cst.CSTNode] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        self._parents.append(node)
        return True

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> cst.CSTNode:  # type: ignore[override]
        self._parents.pop()
        if not isinstance(original_node, cst.Name) or original_node.value not in self._values:
            return updated_node
        value = self._values[original_node.value]
        value = value if self._enclosed or any(map(_encloses, self._parents)) else _one_line_or_enclosed(value)
        return fitted(value, self._parents, original_node) if self._parents else value


def _encloses(node: cst.CSTNode) -> bool:
    """Tell whether what stands in a node may go over several lines."""
    return isinstance(node, (cst.Arg, cst.SubscriptElement)) or bool(getattr(node, "lpar", ()))


def _one_line_or_enclosed(node: cst.BaseExpression) -> cst.BaseExpression:
    code = cst.Module([]).code_for_node(node)
    if "\n" not in code and "\r" not in code:
        return node
    try:
        cst.parse_expression(code)
    except cst.ParserSyntaxError:
        return parenthesized(node)
    return node


def header(code: Code, values: Mapping[str, cst.BaseExpression]) -> str:
    """Return a block's header, as ``async with f() as s:``, with its placeholders filled.

    Raises:
        Refused: The template is more than one header.
    """
    printed = statements(Code(f"{code.template.rstrip()} pass", code.nodes, code.symbols), values, "    ", "\n")
    if not printed.endswith(" pass"):
        raise Refused("the new header is not the header of one block")
    return printed.removesuffix(" pass")
