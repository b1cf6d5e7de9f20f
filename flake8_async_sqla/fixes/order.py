"""Which parts of the source an edit claims, and the order of several edits on one node."""

from __future__ import annotations

import ast
from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar, get_args

from flake8_async_sqla.fixes import vocabulary as v
from flake8_async_sqla.fixes.text import Text
from flake8_async_sqla.fixes.vocabulary import Edit, Fix

_Edit = TypeVar("_Edit", bound=Edit)
_RANK = {kind: rank for rank, kind in enumerate(get_args(Edit))}


@dataclass(frozen=True, slots=True)
class Claim:
    """A part of the source that an edit changes.

    Attributes:
        start: Index of the first character.
        end: Index after the last character.
        around: Whether only the part's borders change, so that other edits may work inside.
        holes: Parts inside that are kept, as a template's placeholders are.
        whole: Whether new code takes the place of all of it, which only one edit can do.
        wraps: Whether it becomes a block, which may bind a name that another block around or inside binds as well.
    """

    start: int
    end: int
    around: bool = False
    holes: tuple[tuple[int, int], ...] = ()
    whole: bool = False
    wraps: bool = False

    def overlaps(self, other: Claim) -> bool:
        """Return whether two edits of one fix get in each other's way."""
        if self.whole and other.whole and (self.start, self.end) == (other.start, other.end):
            return True
        return not (self._spares(other) or other._spares(self))

    def apart(self, other: Claim) -> bool:
        """Return whether two parts have nothing in common."""
        return self.end <= other.start or other.end <= self.start

    def _spares(self, other: Claim) -> bool:
        if self.apart(other):
            return True
        inside = self.start <= other.start and other.end <= self.end
        return inside and (self.around or any(a <= other.start and other.end <= b for a, b in self.holes))


def owner(edit: Edit) -> ast.AST:
    """Return the node that an edit changes."""
    match edit:
        case (
            v.RenameKeyword(call=node)
            | v.RemoveArgument(call=node)
            | v.AddKeyword(call=node)
            | v.WrapStatements(first=node)
        ):
            return node
    return edit.node


def ordered(edits: Iterable[_Edit]) -> list[_Edit]:
    """Return edits in the order in which they change one node, each once."""
    by_owner: dict[ast.AST, list[_Edit]] = {}
    for edit in edits:
        same = by_owner.setdefault(owner(edit), [])
        if edit not in same:
            same.append(edit)
    return sorted((edit for same in by_owner.values() for edit in same), key=lambda edit: _RANK[type(edit)])


def claims(fix: Fix, text: Text) -> list[Claim]:
    """Return the parts of the source that a fix changes."""
    return [claim(edit, text) for edit in ordered(fix.edits)]


def contradict(own: list[Claim]) -> bool:
    """Return whether the edits of one fix overlap."""
    return any(one.overlaps(other) for number, one in enumerate(own) for other in own[:number])


class Taken:
    """The parts of the source that the fixes chosen so far change."""

    def __init__(self) -> None:
        """Begin without any."""
        self._claims: list[Claim] = []
        self._longest = 0

    def collides(self, own: list[Claim]) -> bool:
        """Return whether a fix overlaps those that come first."""
        return any(
            one.overlaps(other)
            or (one.start, one.end) == (other.start, other.end)
            or (one.wraps and other.wraps and not one.apart(other))
            for one in own
            for other in self._near(one)
        )

    def add(self, own: list[Claim]) -> None:
        """Take what a fix changes."""
        for one in own:
            insort(self._claims, one, key=_start)
            self._longest = max(self._longest, one.end - one.start)

    def _near(self, one: Claim) -> list[Claim]:
        first = bisect_right(self._claims, one.start - self._longest - 1, key=_start)
        return self._claims[first : bisect_right(self._claims, one.end, key=_start)]


def _start(claim: Claim) -> int:
    return claim.start


def claim(edit: Edit, text: Text) -> Claim:
    """Return the part of the source that an edit changes."""
    match edit:
        case v.RenameKeyword(call=call, old=old):
            for keyword in call.keywords:
                if keyword.arg == old:
                    start, _ = text.span(keyword)
                    return Claim(start, start + len(old))
            return _point(text.span(call)[1])
        case v.RemoveArgument(argument=argument):
            return Claim(*text.span(argument))
        case v.AddKeyword(call=call):
            return _point(text.span(call)[1] - 1)
        case v.RemoveDecorator(decorator=decorator):
            return Claim(*text.span(decorator))
        case v.RemoveAwait(node=node) | v.AddAwait(node=node):
            return Claim(*text.span(node), around=True)
        case v.MakeAsync(node=node) | v.MakeSync(node=node):
            return _point(text.span(node.target if isinstance(node, ast.comprehension) else node)[0])
        case v.InsertBefore(node=node) | v.AddDecorator(node=node):
            return _point(text.line_start(node.lineno))
        case v.InsertAfter(node=node):
            return _point(text.span(node)[1])
        case v.AddParameter(node=node) | v.RenameFunction(node=node):
            return _point(text.span(node.body[0])[0])
        case v.AddBase(node=node):
            return _point(text.span(node.bases[0])[0])
        case v.WrapStatements(first=first, last=last):
            return Claim(text.line_start(first.lineno), text.span(last)[1], around=True, wraps=True)
        case v.ReplaceExpression(node=node, code=code):
            return Claim(*text.span(node), holes=tuple(_holes(code.nodes.values(), text)), whole=True)
        case v.ReplaceName() | v.ReplaceInString() | v.ReplaceStatement():
            return Claim(*text.span(edit.node))


def _point(at: int) -> Claim:
    return Claim(at, at)


def _holes(nodes: Iterable[ast.AST], text: Text) -> Iterator[tuple[int, int]]:
    for node in nodes:
        yield text.span(node)
