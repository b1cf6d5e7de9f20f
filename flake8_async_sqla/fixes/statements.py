"""Edits of whole statements, as splices of the text."""

from __future__ import annotations

import ast
import re
from collections import Counter

import libcst as cst

from flake8_async_sqla.fixes import templates
from flake8_async_sqla.fixes.indents import indentations, indented
from flake8_async_sqla.fixes.text import Refused, Splice, Text
from flake8_async_sqla.fixes.transform import NameAt, comments
from flake8_async_sqla.fixes.units import Tree
from flake8_async_sqla.fixes.vocabulary import (
    AddBase,
    AddDecorator,
    Code,
    InsertAfter,
    InsertBefore,
    RemoveDecorator,
    ReplaceStatement,
    StatementEdit,
    WrapStatements,
)

_REST = re.compile(r"([ \t\f]*(?:;[ \t\f]*)?)(.?)")
_LINE_ENDS = ("", "\r", "#")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def spliced(tree: Tree, edit: StatementEdit, name_at: NameAt) -> list[Splice]:
    """Return the splices of one edit.

    Raises:
        Refused: The edit cannot be made, or would lose a comment.
    """
    match edit:
        case AddBase(node=node, code=code):
            values = templates.parts(code, tree.text, lambda symbol: name_at(symbol, node))
            start, _ = tree.text.span(node.bases[0])
            return [Splice(start, start, f"{cst.Module([]).code_for_node(templates.expression(code, values))}, ")]
        case AddDecorator(node=node, code=code):
            values = templates.parts(code, tree.text, lambda symbol: name_at(symbol, node))
            decorator = cst.Module([]).code_for_node(templates.expression(code, values))
            at = tree.text.line_start(node.lineno)
            indent = tree.text.indentation(node.lineno)
            return [Splice(at, at, f"{indent}@{decorator}{tree.text.newline(node.lineno)}")]
        case RemoveDecorator(decorator=decorator):
            start = tree.text.line_start(decorator.lineno)
            end = tree.text.line_end(decorator.end_lineno or decorator.lineno)
            _keep_comments(tree.text, start, end, "")
            return [Splice(start, end, "")]
        case InsertBefore(node=node, code=code):
            return [_inserted(tree, node, _printed(tree, code, node, name_at))]
        case InsertAfter(node=node, code=code):
            return [_appended(tree, node, _printed(tree, code, node, name_at))]
    if edit.code.template.strip():
        return [_replaced(tree, edit, _printed(tree, edit.code, edit.node, name_at))]
    return removed(tree, edit.node)


def removed(tree: Tree, statement: ast.stmt) -> list[Splice]:
    """Return the splices that remove a statement, with its line where nothing else stands on it.

    Raises:
        Refused: A comment would be lost.
    """
    start, end = _extent(tree, statement)
    _keep_comments(tree.text, start, end, "")
    if len(tree.block(statement)) == 1 and tree.parent[statement] is not tree.module:
        return [Splice(start, end, "pass")]
    text, code = tree.text, tree.text.code
    line = _first_line(statement)
    before = code[text.line_start(line) : start].rstrip(" \t")
    gap, following = _rest(text, end)
    if before.endswith(";") and following in _LINE_ENDS:
        return [Splice(text.line_start(line) + len(before) - 1, end, "")]
    if before or following not in ("", "\r"):
        return [Splice(start, gap, "")]
    last = statement.end_lineno or line
    return [Splice(text.line_start(line), _end_of_gap(tree, statement, line, last), "")]


def _end_of_gap(tree: Tree, statement: ast.stmt, first: int, last: int) -> int:
    """Return where the next code begins, or blank lines that keep it apart from the code before."""
    text = tree.text
    before = after = 0
    while first - before > 1 and _is_blank(text, first - before - 1):
        before += 1
    while last + after < text.line_count and _is_blank(text, last + after + 1):
        after += 1
    if first - before > 1:
        after = min(before, after)
    return text.line_end(last + after if tree.parent[statement] is tree.module else last)


def _is_blank(text: Text, line: int) -> bool:
    return not text.code[text.line_start(line) : text.line_end(line)].strip(" \t\r\n")


def wrapped(tree: Tree, edit: WrapStatements, name_at: NameAt) -> list[Splice]:
    """Return the splices that put statements under a new header.

    Raises:
        Refused: The statements share their lines with others.
    """
    text, block = tree.text, tree.block(edit.first)
    if edit.last not in block or block.index(edit.last) < block.index(edit.first):
        raise Refused("the statements to wrap are not of one block")
    first, last = _first_line(edit.first), edit.last.end_lineno
    assert last is not None
    start = text.line_start(first)
    if text.code[start : _extent(tree, edit.first)[0]].strip() or not _ends_line(text, _extent(tree, edit.last)[1]):
        raise Refused("the statements to wrap share a line with others")
    values = templates.parts(edit.header, text, lambda symbol: name_at(symbol, edit.first))
    header = templates.header(edit.header, values).replace("\n", text.newline(first))
    newline, top = text.newline(first), tree.parent[edit.first] is tree.module
    defines = _begins_with_definition(f"{header} pass")
    before = newline * (2 - _blanks_above(text, first)) if top and defines else ""
    found = [Splice(start, start, f"{before}{text.indentation(first)}{header}{newline}")]
    if defines and last < text.line_count and not _is_blank(text, last + 1):
        end = text.line_end(last)
        found.append(Splice(end, end, newline * (2 if top else 1)))
    return [*found, *indentations(tree.module, text, first, last, text.indent_unit())]


def _printed(tree: Tree, code: Code, at: ast.stmt, name_at: NameAt) -> str:
    text = tree.text
    values = templates.parts(code, text, lambda symbol: name_at(symbol, at))
    return templates.statements(code, values, text.indent_unit(), text.newline(at.lineno))


def _inserted(tree: Tree, node: ast.stmt, code: str) -> Splice:
    text = tree.text
    line = _first_line(node)
    start, at = text.line_start(line), _extent(tree, node)[0]
    if text.code[start:at].strip():
        return Splice(at, at, f"{_joined(code)}; ")
    newline = text.newline(line)
    apart = _ends_with_definition(code) or isinstance(node, _DEFINITIONS)
    top = tree.parent[node] is tree.module
    gap = newline * (2 if top else 1) if apart else ""
    before = newline * (2 - _blanks_above(text, line)) if top and _begins_with_definition(code) else ""
    return Splice(start, start, before + indented(code, text.indentation(line)) + newline + gap)


def _blanks_above(text: Text, line: int) -> int:
    """Count the blank lines above a line, at most two; none are missing at the start of a file."""
    for blanks in range(2):
        if line - blanks > 1 and not _is_blank(text, line - blanks - 1):
            return blanks
    return 2


def _appended(tree: Tree, node: ast.stmt, code: str) -> Splice:
    text = tree.text
    start, end = _extent(tree, node)
    if text.code[text.line_start(_first_line(node)) : start].strip() or not _ends_line(text, end):
        return Splice(end, end, f"; {_joined(code)}")
    indent = text.indentation(_first_line(node))
    line = node.end_lineno or node.lineno
    while line < text.line_count and _is_comment_inside(text, line + 1, indent):
        line += 1
    at, newline = text.line_end(line), text.newline(line)
    ended = text.code[:at].endswith(("\n", "\r"))
    apart = tree.parent[node] is tree.module and _begins_with_definition(code)
    new = (newline * 2 if apart else "") + indented(code, indent)
    return Splice(at, at, f"{new}{newline}" if ended else f"{newline}{new}")


def _is_comment_inside(text: Text, line: int, indent: str) -> bool:
    row = text.code[text.line_start(line) : text.line_end(line)]
    return row.lstrip(" \t").startswith("#") and len(text.indentation(line)) > len(indent)


def _begins_with_definition(code: str) -> bool:
    return isinstance(ast.parse(code).body[0], _DEFINITIONS)


def _ends_with_definition(code: str) -> bool:
    return isinstance(ast.parse(code).body[-1], _DEFINITIONS)


def _replaced(tree: Tree, edit: ReplaceStatement, code: str) -> Splice:
    text = tree.text
    start, end = _extent(tree, edit.node)
    line = _first_line(edit.node)
    alone = not text.code[text.line_start(line) : start].strip()
    if alone and (_ends_line(text, end) or _is_simple(code)):
        indent = text.indentation(line)
        new = indented(code, indent)[len(indent) :]
    else:
        new = _joined(code)
    _keep_comments(text, start, end, new)
    return Splice(start, end, new)


def _joined(code: str) -> str:
    """Return statements as they can stand on a line with others."""
    if not _is_simple(code, len(ast.parse(code).body)):
        raise Refused("the statement shares its line with others")
    return "; ".join(ast.get_source_segment(code, statement) or "" for statement in ast.parse(code).body)


def _is_simple(code: str, at_most: int = 1) -> bool:
    body = ast.parse(code).body
    return len(body) <= at_most and not any(hasattr(node, "body") or isinstance(node, ast.Match) for node in body)


def _first_line(statement: ast.stmt) -> int:
    decorators = getattr(statement, "decorator_list", None)
    return decorators[0].lineno if decorators else statement.lineno


def _extent(tree: Tree, statement: ast.stmt) -> tuple[int, int]:
    start, end = tree.text.span(statement)
    decorators = getattr(statement, "decorator_list", None)
    return (tree.text.code.rindex("@", 0, tree.text.span(decorators[0])[0]) if decorators else start), end


def _ends_line(text: Text, at: int) -> bool:
    return _rest(text, at)[1] in _LINE_ENDS


def _rest(text: Text, at: int) -> tuple[int, str]:
    """Return where code or a comment follows on a line, past a semicolon, and its first character."""
    rest = _REST.match(text.code, at)
    assert rest is not None
    return rest.end(1), rest[2]


def _keep_comments(text: Text, start: int, end: int, new: str) -> None:
    code = text.code[start:end]
    if "#" not in code:
        return
    line_start = max(text.code.rfind("\n", 0, start), text.code.rfind("\r", 0, start)) + 1
    indent = text.code[line_start:start]
    before = f"if _:\n{indent}" if indent and not indent.strip() else ""
    try:
        kept = Counter(comments(cst.parse_module(f"{before}{new}" if new else "")))
        lost = Counter(comments(cst.parse_module(f"{before}{code}"))) - kept
    except cst.ParserSyntaxError:
        raise Refused("a comment might be lost") from None
    if lost:
        raise Refused("a comment would be lost")
