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
from flake8_async_sqla.fixes.order import Taken, claims, contradict, ordered, owner
from flake8_async_sqla.fixes.text import Refused, Splice, Text
from flake8_async_sqla.fixes.transform import transformed
from flake8_async_sqla.fixes.units import Tree, Unit
from flake8_async_sqla.fixes.vocabulary import (
    Code,
    Edit,
    ExpressionEdit,
    Fix,
    ReplaceExpression,
    ReplaceStatement,
    StatementEdit,
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
    taken = Taken()
    for number, fix in enumerate(fixes):
        if not all(index.holds(owner(edit)) for edit in fix.edits):
            refused[number] = "it points at a node of another tree"
        elif contradict(own := claims(fix, text)):
            refused[number] = "its edits overlap"
        elif taken.collides(own):
            deferred.append(number)
        else:
            chosen.append(number)
            taken.add(own)
    new, reason = _attempt(index, [fixes[number] for number in chosen])
    if reason:
        alone = {number: _probe(index, [fixes[number]])[1] for number in chosen}
        refused |= {number: why for number, why in alone.items() if why}
        trial = _Trial(index, fixes, refused, deferred)
        trial.add([number for number in chosen if not alone[number]])
        chosen, new = trial.chosen, trial.new
    return Applied(new, tuple(chosen), refused, tuple(sorted(deferred)))


@dataclass(slots=True)
class _Trial:
    """The search for fixes that can be applied together, in a limited number of attempts."""

    tree: Tree
    fixes: Sequence[Fix]
    refused: dict[int, str]
    deferred: list[int]
    chosen: list[int] = field(default_factory=list)
    new: bytes = b""
    attempts: int = 64

    def __post_init__(self) -> None:
        self.new = self.tree.text.encode()

    def add(self, more: list[int]) -> None:
        """Choose those of some fixes that go with the ones chosen before."""
        self.attempts -= 1
        new, reason = _attempt(self.tree, [self.fixes[number] for number in (*self.chosen, *more)])
        if not reason:
            self.chosen += more
            self.new = new
        elif len(more) > 1 and self.attempts > 0:
            self.add(more[: len(more) // 2])
            self.add(more[len(more) // 2 :])
        elif self.chosen:
            self.deferred += more
        else:
            self.refused |= dict.fromkeys(more, reason)


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
    wraps = [edit for edit in edits if isinstance(edit, WrapStatements)]
    inner = [edit for edit in edits if not isinstance(edit, WrapStatements)]
    intended = Intended(tree, inner, names.name_at)
    new = tree
    if inner:
        new = _checked(tree, _splices(tree, inner, names), intended)
    if wraps:
        taken: set[ast.AST] = {edit.node for edit in inner if isinstance(edit, (ReplaceExpression, ReplaceStatement))}
        wraps = [replace(wrap, header=_spelled_out(wrap.header, tree, taken)) for wrap in wraps]
        new = _wrapped(new, intended, wraps, names)
    for need in names.needs:
        added = verify.parsed(new.text.spliced([imports.added(new, need)]))
        key = ("ImportFrom", need.module, need.name, "") if need.name else ("Import", "", need.module, "")
        _check_imports(new, added, verify.imports(new.module) + Counter([key]))
        new = added
    splices, gone = unused.without(new, unused.lost(tree.module, intended.module))
    if splices:
        removed = verify.parsed(new.text.spliced(splices))
        _check_imports(new, removed, verify.imports(new.module) - gone)
        new = removed
    return new


def _splices(tree: Tree, edits: Sequence[ExpressionEdit | StatementEdit], names: Names) -> list[Splice]:
    splices: list[Splice] = []
    units: dict[Unit, list[ExpressionEdit]] = {}
    for edit in edits:
        if isinstance(edit, StatementEdit):
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
    """Wrap statements, outer ones first, in a tree that other edits changed already."""
    nodes = [node for wrap in wraps for node in (wrap.first, wrap.last, *wrap.header.nodes.values())]
    now = _moved({node: node for node in nodes}, intended, tree)
    for layer in _layers(wraps):
        old = {now[wrap.first]: wrap.first for wrap in layer if wrap.first in now}
        try:
            moved = [
                WrapStatements(now[wrap.first], now[wrap.last], replace(wrap.header, nodes=_now(wrap.header, now)))
                for wrap in layer
            ]
        except KeyError:
            raise Refused("a statement to wrap is replaced") from None

        def name_at(symbol: str, node: ast.AST, old: dict[Any, ast.stmt] = old) -> str:
            return names.name_at(symbol, old[node])

        splices = [splice for wrap in moved for splice in statements.wrapped(tree, wrap, name_at)]
        step = Intended(tree, moved, name_at)
        tree = _checked(tree, splices, step)
        now = _moved(now, step, tree)
    return tree


def _spelled_out(header: Code, tree: Tree, taken: set[ast.AST]) -> Code:
    """Put the source text of nodes that other edits take away into a header: they move there."""
    template, kept = header.template, {}
    for name, node in header.nodes.items():
        if node in taken or tree.statement(node) in taken:
            code = tree.text.slice(node).replace("\r\n", "\n").replace("\r", "\n")
            template = template.replace(f"{{{name}}}", code.replace("{", "{{").replace("}", "}}"))
        else:
            kept[name] = node
    return Code(template, kept, header.symbols)


def _now(header: Code, now: dict[ast.AST, Any]) -> dict[str, ast.AST]:
    return {name: now[node] for name, node in header.nodes.items()}


def _layers(wraps: Sequence[WrapStatements]) -> list[list[WrapStatements]]:
    """Return wraps in groups, outer ones first, so that those of one group are apart."""
    layers: list[list[WrapStatements]] = []
    for wrap in sorted(wraps, key=lambda wrap: (wrap.first.lineno, -(wrap.last.end_lineno or 0))):
        for layer in layers:
            if (layer[-1].last.end_lineno or 0) < wrap.first.lineno:
                layer.append(wrap)
                break
        else:
            layers.append([wrap])
    return layers


def _moved(now: dict[ast.AST, Any], intended: Intended, tree: Tree) -> dict[ast.AST, Any]:
    """Return where nodes are in the tree that was parsed from what is intended; those that are gone are left out."""
    parsed = dict(zip(ast.walk(intended.module), ast.walk(tree.module), strict=True))
    places = {old: intended.now(node) for old, node in now.items()}
    return {old: parsed[place] for old, place in places.items() if place in parsed}


def _check_imports(old: Tree, new: Tree, wanted: Counter[tuple[str, ...]]) -> None:
    if verify.imports(new.module) != wanted or not verify.same_but_imports(old.module, new.module):
        raise Refused("the imports could not be changed without changing something else")
