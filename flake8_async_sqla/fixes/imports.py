"""New imports, written where isort would put them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from typing import TypeGuard

from flake8_async_sqla.fixes.names import Need
from flake8_async_sqla.fixes.scopes import Import
from flake8_async_sqla.fixes.text import Splice, Text
from flake8_async_sqla.fixes.units import Tree

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def added(tree: Tree, need: Need) -> Splice:
    """Return the splice that adds one import to a module whose code uses it already."""
    body = tree.module.body[: _first_use(tree.module, need)]
    if need.name:
        for statement in body:
            if _lists_names_of(statement, need.module):
                return _extended(tree.text, statement, need.name)
    code = f"from {need.module} import {need.name}" if need.name else f"import {need.module}"
    imports = [node for node in body if isinstance(node, (ast.Import, ast.ImportFrom)) and not _is_future(node)]
    return _placed(tree, list(_groups(tree.module, imports)), need, code)


def _lists_names_of(statement: ast.stmt, module: str) -> TypeGuard[ast.ImportFrom]:
    return (
        isinstance(statement, ast.ImportFrom)
        and (statement.module, statement.level) == (module, 0)
        and statement.names[0].name != "*"
    )


def _first_use(module: ast.Module, need: Need) -> int:
    """Return the index of the first statement that needs the import when the module is loaded."""
    name = need.name or need.module.partition(".")[0]
    for index, statement in enumerate(module.body):
        if any(isinstance(node, ast.Name) and node.id == name for node in _run_at_import(statement)):
            return index
    return len(module.body)


def _run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for field, value in ast.iter_fields(node):
        if field != "body" or not isinstance(node, _FUNCTIONS):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _run_at_import(child)


def _extended(text: Text, statement: ast.ImportFrom, name: str) -> Splice:
    """Return the splice that adds a name to a ``from`` import, in its order and its style."""
    names = statement.names
    position = _sorted_position([alias.name for alias in names], name)
    spans = [text.span(alias) for alias in names]
    starts_line = [
        not text.code[text.line_start(alias.lineno) : start].strip()
        for alias, (start, _) in zip(names, spans, strict=True)
    ]
    newline = text.newline(statement.lineno)
    parenthesized = text.code[: text.span(statement)[1]].endswith(")")
    if position < len(names):
        start = spans[position][0]
        own_line = parenthesized and starts_line[position]
        after = newline + text.indentation(names[position].lineno) if own_line else " "
        return Splice(start, start, f"{name},{after}")
    end = spans[-1][1]
    if not parenthesized or not starts_line[-1]:
        return Splice(end, end, f", {name}")
    between = newline + text.indentation(names[-1].lineno)
    tail = text.code[end : text.span(statement)[1]]
    if not tail.lstrip(" \t").startswith(","):
        return Splice(end, end, f",{between}{name}")
    line_end = text.line_end(names[-1].end_lineno or names[-1].lineno)
    if line_end >= text.span(statement)[1]:
        return Splice(end, end, f",{between}{name}")
    return Splice(line_end, line_end, f"{text.indentation(names[-1].lineno)}{name},{newline}")


def _sorted_position(names: list[str], name: str) -> int:
    for key in (_by_type, str.lower):
        keys = [key(old) for old in names]
        if keys == sorted(keys):
            return sum(old < key(name) for old in keys)
    return len(names)


def _by_type(name: str) -> str:
    """Return isort's default key: constants first, then classes, then the rest."""
    rank = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return f"{rank}{name.lower()}"


def _groups(module: ast.Module, imports: list[Import]) -> Iterator[list[Import]]:
    """Yield the imports in groups: without a blank line or another statement between them."""
    group: list[Import] = []
    for statement in imports:
        if group and (
            module.body.index(statement) - module.body.index(group[-1]) > 1
            or statement.lineno - (group[-1].end_lineno or 0) > 1
        ):
            yield group
            group = []
        group.append(statement)
    if group:
        yield group


def _placed(tree: Tree, groups: list[list[Import]], need: Need, code: str) -> Splice:
    root = need.module.partition(".")[0]
    kin = [group for group in groups if any(_root(statement) == root for statement in group)]
    section = _section_of(root)
    same = [group for group in groups if any(_section(statement) == section for statement in group)]
    if kin or same:
        return _in_group(tree.text, (kin or same)[0], need, code)
    before = [group for group in groups if all(_section(statement) < section for statement in group)]
    if before:
        return _below(tree.text, before[-1][-1], code)
    if groups:
        return _above(tree.text, groups[0][0], code, blank=1)
    opening = [node for node in tree.module.body[:2] if _is_docstring(node, tree.module) or _is_future(node)]
    if opening:
        return _below(tree.text, opening[-1], code)
    first = tree.module.body[0]
    heavy = isinstance(first, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
    return _above(tree.text, first, code, blank=2 if heavy else 1)


def _in_group(text: Text, group: list[Import], need: Need, code: str) -> Splice:
    keys: tuple[tuple[bool, str], ...] = tuple((isinstance(node, ast.ImportFrom), _module(node)) for node in group)
    new = bool(need.name), need.module.lower()
    if list(keys) == sorted(keys):
        later = [position for position, key in enumerate(keys) if key > new]
    elif [key[1] for key in keys] == sorted(key[1] for key in keys):
        later = [position for position, key in enumerate(keys) if key[1] > new[1]]
    else:
        kin = [position for position, node in enumerate(group) if _root(node) == need.module.partition(".")[0]]
        later = [kin[-1] + 1] if kin else []
    if not later or later[0] >= len(group):
        return _line_after(text, group[-1], code)
    return _line_after(text, group[later[0] - 1], code) if later[0] else _above(text, group[0], code, blank=0)


def _line_after(text: Text, node: ast.stmt, code: str) -> Splice:
    line = node.end_lineno or node.lineno
    at, newline = text.line_end(line), text.newline(line)
    if text.code[:at].endswith(("\n", "\r")):
        return Splice(at, at, code + newline)
    return Splice(at, at, newline + code)


def _below(text: Text, node: ast.stmt, code: str) -> Splice:
    """Return the splice that starts a new group below a statement."""
    line = node.end_lineno or node.lineno
    newline = text.newline(line)
    plain = _line_after(text, node, newline + code)
    follows = line < text.line_count and text.code[text.line_end(line) : text.line_end(line + 1)].strip()
    return Splice(plain.start, plain.end, plain.new + newline if follows else plain.new)


def _above(text: Text, node: ast.stmt, code: str, blank: int) -> Splice:
    decorators = getattr(node, "decorator_list", None)
    line = decorators[0].lineno if decorators else node.lineno
    at = text.line_start(line)
    return Splice(at, at, code + text.newline(line) * (blank + 1))


def _is_docstring(node: ast.stmt, module: ast.Module) -> bool:
    return node is module.body[0] and ast.get_docstring(module, clean=False) is not None


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _module(node: Import) -> str:
    return ((node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name).lower()


def _root(node: Import) -> str:
    return "" if isinstance(node, ast.ImportFrom) and node.level else _module(node).partition(".")[0]


def _section(node: Import) -> int:
    """Return isort's section: 0 standard library, 1 third party, 2 relative."""
    if isinstance(node, ast.ImportFrom) and node.level:
        return 2
    return _section_of(_root(node))


def _section_of(root: str) -> int:
    return 0 if root in sys.stdlib_module_names else 1
