"""Fixes, turned into new source code: all edits of a fix or none, and nothing else."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import libcst as cst

from flake8_async_sqla.fixes import imports, statements, unused, verify
from flake8_async_sqla.fixes.intended import Intended
from flake8_async_sqla.fixes.names import Names
from flake8_async_sqla.fixes.order import Claim, claims, collide, contradict, ordered, owner
from flake8_async_sqla.fixes.text import Refused, Splice, Text
from flake8_async_sqla.fixes.transform import transformed
from flake8_async_sqla.fixes.units import Tree, Unit
from flake8_async_sqla.fixes.vocabulary import (
    AddBase,
    AddDecorator,
    Edit,
    Fix,
    InsertBefore,
    RemoveDecorator,
    ReplaceStatement,
    WrapStatements,
)


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a number of fixes.

    Attributes:
        source: The new bytes of the file.
        applied: Positions of the fixes that were made.
        refused: Position of each fix that cannot be made, with the reason.
        deferred: Positions of the fixes that overlap an applied one: they belong to the next pass.
    """

    source: bytes
    applied: tuple[int, ...] = ()
    refused: dict[int, str] = field(default_factory=dict)
    deferred: tuple[int, ...] = ()


def apply(source: bytes, tree: ast.Module, fixes: Sequence[Fix]) -> Applied:
    """Apply fixes to the source code of one module.

    Args:
        source: The bytes of the file.
        tree: The tree that was parsed from them; it stays as it is.
        fixes: Fixes that point at nodes of the tree. An earlier one wins over a later one that overlaps it.

    Returns:
        The new bytes, and what became of each fix.
    """
    refused: dict[int, str] = {}
    try:
        text = Text.decode(source)
        index = Tree(tree, text)
    except Refused as error:
        return Applied(source, refused={number: str(error) for number in range(len(fixes))})
    chosen: list[int] = []
    deferred: list[int] = []
    taken: list[Claim] = []
    for number, fix in enumerate(fixes):
        if not all(index.holds(owner(edit)) for edit in fix.edits):
            refused[number] = "it points at a node of another tree"
        elif contradict(own := claims(fix, text)):
            refused[number] = "its edits overlap"
        elif collide(own, taken):
            deferred.append(number)
        else:
            chosen.append(number)
            taken += own
    new, reason = _attempt(index, [fixes[number] for number in chosen])
    for probe in (_probe, _attempt):
        if reason:
            alone = {number: probe(index, [fixes[number]])[1] for number in chosen}
            refused |= {number: why for number, why in alone.items() if why}
            chosen = [number for number in chosen if not alone[number]]
            new, reason = _attempt(index, [fixes[number] for number in chosen])
    if reason:
        together = _agreeing(index, fixes, [], chosen)
        deferred += [number for number in chosen if number not in together]
        chosen = together
        new, _ = _attempt(index, [fixes[number] for number in chosen])
    return Applied(new, tuple(chosen), refused, tuple(sorted(deferred)))


def _agreeing(tree: Tree, fixes: Sequence[Fix], base: list[int], more: list[int]) -> list[int]:
    """Return the numbers of fixes that can be applied together: those in ``base`` and what goes with them."""
    if not _attempt(tree, [fixes[number] for number in (*base, *more)])[1]:
        return [*base, *more]
    if len(more) == 1:
        return base
    half = len(more) // 2
    return _agreeing(tree, fixes, _agreeing(tree, fixes, base, more[:half]), more[half:])


def _attempt(tree: Tree, fixes: Sequence[Fix]) -> tuple[bytes, str]:
    """Return the new bytes, or the old ones and the reason why the fixes cannot be applied together."""
    return _outcome(tree, fixes, _applied)


def _probe(tree: Tree, fixes: Sequence[Fix]) -> tuple[bytes, str]:
    """Return the old bytes and the reason why the fixes cannot be written; it is quick, and proves nothing."""
    return _outcome(tree, fixes, _written)


def _outcome(tree: Tree, fixes: Sequence[Fix], make: Callable[[Tree, Sequence[Edit]], Tree]) -> tuple[bytes, str]:
    edits = ordered(edit for fix in fixes for edit in fix.edits)
    try:
        return (make(tree, edits) if edits else tree).text.encode(), ""
    except Refused as error:
        return tree.text.encode(), str(error)
    except (cst.ParserSyntaxError, SyntaxError):
        return tree.text.encode(), "the code to insert does not parse"
    except RecursionError:
        return tree.text.encode(), "the code is nested too deeply"


def _written(tree: Tree, edits: Sequence[Edit]) -> Tree:
    _splices(tree, [edit for edit in edits if not isinstance(edit, WrapStatements)], Names(tree))
    return tree


def _applied(tree: Tree, edits: Sequence[Edit]) -> Tree:
    names = Names(tree)
    before = unused.used(tree.module)
    wraps = [edit for edit in edits if isinstance(edit, WrapStatements)]
    inner = [edit for edit in edits if not isinstance(edit, WrapStatements)]
    intended = Intended(tree.module, inner, names.name_at)
    new = _checked(tree, _splices(tree, inner, names), intended)
    if wraps:
        new = _wrapped(new, intended, wraps, names)
    for need in names.needs:
        added = verify.parsed(new.text.spliced([imports.added(new, need)]))
        key = ("ImportFrom", need.module, need.name, "") if need.name else ("Import", "", need.module, "")
        _check_imports(new, added, verify.imports(new.module) + Counter([key]))
        new = added
    splices, gone = unused.without(new, before - unused.used(new.module))
    if splices:
        removed = verify.parsed(new.text.spliced(splices))
        _check_imports(new, removed, verify.imports(new.module) - gone)
        new = removed
    return new


def _splices(tree: Tree, edits: Sequence[Edit], names: Names) -> list[Splice]:
    splices: list[Splice] = []
    units: dict[Unit, list[Edit]] = {}
    for edit in edits:
        if isinstance(edit, (AddBase, AddDecorator, InsertBefore, RemoveDecorator, ReplaceStatement)):
            splices += statements.spliced(tree, edit, names.name_at)
        else:
            units.setdefault(tree.unit(owner(edit)), []).append(edit)
    return splices + [transformed(tree, unit, edits, names.name_at) for unit, edits in units.items()]


def _checked(tree: Tree, splices: Sequence[Splice], intended: Intended) -> Tree:
    new = verify.parsed(tree.text.spliced(splices))
    if not verify.same(new.module, intended.module):
        raise Refused("the new code would not mean what the fix intends")
    return new


def _wrapped(tree: Tree, intended: Intended, wraps: Sequence[WrapStatements], names: Names) -> Tree:
    """Wrap statements one header after the other, outer ones first, in a tree that other edits changed already."""
    now: dict[ast.AST, Any] = _positions(intended, tree)
    for wrap in sorted(wraps, key=lambda wrap: (wrap.first.lineno, -(wrap.last.end_lineno or 0))):

        def name_at(symbol: str, _: ast.AST, first: ast.AST = wrap.first) -> str:
            return names.name_at(symbol, first)

        try:
            nodes = {name: now[node] for name, node in wrap.header.nodes.items()}
            moved = WrapStatements(now[wrap.first], now[wrap.last], replace(wrap.header, nodes=nodes))
        except KeyError:
            raise Refused("a statement to wrap is replaced") from None
        splices = statements.wrapped(tree, moved, name_at)
        step = Intended(tree.module, [moved], name_at)
        tree = _checked(tree, splices, step)
        positions = _positions(step, tree)
        now = {old: positions[node] for old, node in now.items() if node in positions}
    return tree


def _positions(intended: Intended, tree: Tree) -> dict[ast.AST, ast.AST]:
    """Return the node of the new tree for each old node that is still there."""
    parsed = dict(zip(ast.walk(intended.module), ast.walk(tree.module), strict=True))
    return {old: parsed[built] for old, built in intended.built.items() if built in parsed}


def _check_imports(old: Tree, new: Tree, wanted: Counter[tuple[str, ...]]) -> None:
    if verify.imports(new.module) != wanted or not verify.same_but_imports(old.module, new.module):
        raise Refused("the imports could not be changed without changing something else")
