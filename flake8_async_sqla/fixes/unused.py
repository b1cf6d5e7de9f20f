"""Imports that a fix left without a use, removed."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from flake8_async_sqla.fixes.scopes import Import, imported
from flake8_async_sqla.fixes.statements import removed
from flake8_async_sqla.fixes.text import Refused, Splice
from flake8_async_sqla.fixes.units import Tree, statements_in

_NOQA = re.compile(r"#.*noqa", re.IGNORECASE)


def lost(old: ast.Module, new: ast.Module) -> set[str]:
    """Return the names that the changed statements of a module no longer read; trees share what did not change."""
    shared = set(old.body) & set(new.body)
    before, after = ([node for node in module.body if node not in shared] for module in (old, new))
    return _used(before) - _used(after)


def _used(nodes: Iterable[ast.AST]) -> set[str]:
    return {
        node.id
        for top in nodes
        for node in ast.walk(top)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store)
    }


def without(tree: Tree, names: set[str]) -> tuple[list[Splice], Counter[tuple[str, ...]]]:
    """Drop the imports of those names that nothing uses any more.

    An import stays when it re-exports, when a string or a type comment names it, when it is bound in another way too,
    when ``# noqa`` marks it, and when it has a comment of its own.

    Returns:
        The splices, and what was removed as `flake8_async_sqla.fixes.verify.imports` counts it.
    """
    if names:
        names = names - _used([tree.module]) - set(_mentioned(tree, names)) - set(_bound_twice(tree, names))
    splices: list[Splice] = []
    gone: Counter[tuple[str, ...]] = Counter()
    for node in statements_in(tree.module) if names else ():
        if isinstance(node, (ast.Import, ast.ImportFrom)) and not _has_noqa(tree, node):
            aliases = [alias for alias in node.names if _bound(alias, node) in names and alias.asname != alias.name]
            try:
                splices += _dropped(tree, node, aliases)
            except Refused:
                continue
            gone.update(import_key(node, alias) for alias in aliases)
    return splices, gone


def import_key(node: Import, alias: ast.alias) -> tuple[str, ...]:
    """Return what one imported name is, as text."""
    module = f"{'.' * node.level}{node.module or ''}" if isinstance(node, ast.ImportFrom) else ""
    return (type(node).__name__, module, alias.name, alias.asname or "")


def _bound(alias: ast.alias, node: Import) -> str:
    return alias.asname or (alias.name if isinstance(node, ast.ImportFrom) else alias.name.partition(".")[0])


def _dropped(tree: Tree, node: Import, aliases: list[ast.alias]) -> list[Splice]:
    text = tree.text
    if not aliases:
        return []
    if len(aliases) == len(node.names):
        if "#" in text.code[text.line_start(node.lineno) : text.line_end(node.end_lineno or node.lineno)]:
            raise Refused("a comment would be lost")
        return removed(tree, node)
    kept = [number for number, alias in enumerate(node.names) if alias not in aliases]
    splices = []
    for number, alias in enumerate(node.names):
        if alias not in aliases:
            continue
        if number > kept[-1]:
            splices.append(Splice(text.span(node.names[number - 1])[1], text.span(alias)[1], ""))
        else:
            splices.append(Splice(text.span(alias)[0], text.span(node.names[number + 1])[0], ""))
    if any("#" in text.code[splice.start : splice.end] for splice in splices):
        raise Refused("a comment would be lost")
    return splices


def _has_noqa(tree: Tree, node: Import) -> bool:
    start, end = tree.text.line_start(node.lineno), tree.text.line_end(node.end_lineno or node.lineno)
    return _NOQA.search(tree.text.code[start:end]) is not None


def _bound_twice(tree: Tree, names: set[str]) -> Iterator[str]:
    count: Counter[str] = Counter()
    tops: set[str] = set()
    for statement in statements_in(tree.module):
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            # A second import of the module's own says the same again; one in a `try` or an `if` is a fallback.
            here = tops if statement in tree.module.body else count
            here.update(binding.name for binding in imported(statement))
    count.update(tops)
    for node in ast.walk(tree.module):
        for name in (getattr(node, "name", None), getattr(node, "arg", None), getattr(node, "id", None)):
            if isinstance(name, str) and not isinstance(node, ast.alias):
                count[name] += 1
    yield from (name for name in names if count[name] > 1)


def _mentioned(tree: Tree, names: set[str]) -> Iterator[str]:
    """Yield the names that strings hold as code (annotations, ``__all__``), or that a type comment holds."""
    for node in ast.walk(tree.module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and any(name in node.value for name in names):
            yield from _words_of_code(node.value)
    for comment in re.findall(r"#\s*type:([^\r\n]*)", tree.text.code):
        yield from re.findall(r"\w+", comment)


def _words_of_code(text: str) -> Iterator[str]:
    try:
        code = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(code):
        yield from (word for word in (getattr(node, "id", ""), getattr(node, "attr", "")) if word)
