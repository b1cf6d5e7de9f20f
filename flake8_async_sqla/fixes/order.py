"""Which parts of the source an edit claims, and the order of several edits on one node."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flake8_async_sqla.fixes.text import Text
from flake8_async_sqla.fixes.vocabulary import (
    AddAwait,
    AddBase,
    AddDecorator,
    AddKeyword,
    Edit,
    Fix,
    InsertBefore,
    MakeAsync,
    MakeSync,
    RemoveArgument,
    RemoveAwait,
    RemoveDecorator,
    RenameKeyword,
    ReplaceExpression,
    ReplaceInString,
    ReplaceName,
    ReplaceStatement,
    WrapStatements,
)

_RANK: dict[type[Edit], int] = {
    RenameKeyword: 0,
    RemoveArgument: 1,
    AddKeyword: 2,
    ReplaceInString: 3,
    ReplaceName: 4,
    ReplaceExpression: 5,
    RemoveAwait: 6,
    AddAwait: 7,
    InsertBefore: 8,
    AddDecorator: 9,
    AddBase: 10,
}


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
        case RenameKeyword(call=node) | RemoveArgument(call=node) | AddKeyword(call=node) | WrapStatements(first=node):
            return node
    return edit.node


def ordered(edits: Iterable[Edit]) -> list[Edit]:
    """Return edits in the order in which they change one node, each once."""
    by_owner: dict[ast.AST, list[Edit]] = {}
    for edit in edits:
        same = by_owner.setdefault(owner(edit), [])
        if edit not in same:
            same.append(edit)
    return sorted((edit for same in by_owner.values() for edit in same), key=lambda edit: _RANK.get(type(edit), 10))


def claims(fix: Fix, text: Text) -> list[Claim]:
    """Return the parts of the source that a fix changes."""
    return [claim(edit, text) for edit in ordered(fix.edits)]


def contradict(own: list[Claim]) -> bool:
    """Return whether the edits of one fix overlap."""
    return any(one.overlaps(other) for number, one in enumerate(own) for other in own[:number])


def collide(own: list[Claim], others: list[Claim]) -> bool:
    """Return whether a fix overlaps those that come first."""
    return any(
        one.overlaps(other)
        or (one.start, one.end) == (other.start, other.end)
        or (one.wraps and other.wraps and not one.apart(other))
        for one in own
        for other in others
    )


def claim(edit: Edit, text: Text) -> Claim:
    """Return the part of the source that an edit changes."""
    match edit:
        case RenameKeyword(call=call, old=old):
            for keyword in call.keywords:
                if keyword.arg == old:
                    start, _ = text.span(keyword)
                    return Claim(start, start + len(old))
            return _point(text.span(call)[1])
        case RemoveArgument(argument=argument):
            return Claim(*text.span(argument))
        case AddKeyword(call=call):
            return _point(text.span(call)[1] - 1)
        case RemoveDecorator(decorator=decorator):
            return Claim(*text.span(decorator))
        case RemoveAwait(node=node) | AddAwait(node=node):
            return Claim(*text.span(node), around=True)
        case MakeAsync(node=node) | MakeSync(node=node):
            return _point(text.span(node.target if isinstance(node, ast.comprehension) else node)[0])
        case InsertBefore(node=node) | AddDecorator(node=node):
            return _point(text.line_start(node.lineno))
        case AddBase(node=node):
            return _point(text.span(node.bases[0])[0])
        case WrapStatements(first=first, last=last):
            return Claim(text.line_start(first.lineno), text.span(last)[1], around=True, wraps=True)
        case ReplaceExpression(node=node, code=code):
            return Claim(*text.span(node), holes=tuple(_holes(code.nodes.values(), text)), whole=True)
        case ReplaceName() | ReplaceInString() | ReplaceStatement():
            return Claim(*text.span(edit.node))


def _point(at: int) -> Claim:
    return Claim(at, at)


def _holes(nodes: Iterable[ast.AST], text: Text) -> Iterator[tuple[int, int]]:
    for node in nodes:
        yield text.span(node)
