"""The words in which rules describe a fix.

An edit points at nodes of the module's ``ast`` tree and says what becomes of them. It never holds source text of the
file, so that building one costs nothing; `flake8_async_sqla.fixes.apply` turns edits into new source text.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Safety: TypeAlias = Literal["safe", "unsafe", "display-only"]

_NOTHING: Mapping[str, ast.AST] = {}
_NO_SYMBOLS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Code:
    """New source code, written as a `str.format` template.

    Attributes:
        template: Code with ``{placeholders}``; literal braces are doubled.
        nodes: Placeholder to node of the tree; it is replaced by that node's own source text (with parentheses
            around it where precedence asks for them).
        symbols: Placeholder to dotted path of an importable object, as ``sqlalchemy.pool.NullPool``, or of a top-level
            module; it is replaced by the name under which the module can reach the object, and imported where it is
            not yet.
    """

    template: str
    nodes: Mapping[str, ast.AST] = field(default_factory=lambda: _NOTHING)
    symbols: Mapping[str, str] = field(default_factory=lambda: _NO_SYMBOLS)


@dataclass(frozen=True, slots=True)
class ReplaceExpression:
    """Put ``code`` in the place of an expression (annotations and decorators are expressions too)."""

    node: ast.expr
    code: Code


@dataclass(frozen=True, slots=True)
class ReplaceName:
    """Let a name or dotted name refer to another importable object, and drop the import that nothing else uses."""

    node: ast.expr
    symbol: str


@dataclass(frozen=True, slots=True)
class RenameKeyword:
    """Rename keyword argument ``old`` of a call to ``new``."""

    call: ast.Call
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RemoveArgument:
    """Remove one argument of a call: a keyword node or a positional expression."""

    call: ast.Call
    argument: ast.keyword | ast.expr


@dataclass(frozen=True, slots=True)
class AddKeyword:
    """Append keyword argument ``name`` to a call (before ``**options``)."""

    call: ast.Call
    name: str
    code: Code


@dataclass(frozen=True, slots=True)
class ReplaceInString:
    """Replace the first ``old`` inside a string literal or f-string; quotes, prefix and escapes stay as they are."""

    node: ast.Constant | ast.JoinedStr
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class AddAwait:
    """Await an expression, with the parentheses that precedence asks for."""

    node: ast.expr


@dataclass(frozen=True, slots=True)
class RemoveAwait:
    """Remove the ``await`` of an await expression."""

    node: ast.Await


@dataclass(frozen=True, slots=True)
class RenameFunction:
    """Give a function another name where it is defined."""

    node: ast.FunctionDef
    name: str


@dataclass(frozen=True, slots=True)
class MakeAsync:
    """Turn ``with``, ``for``, ``def`` or a comprehension's ``for`` into its ``async`` form."""

    node: ast.With | ast.For | ast.FunctionDef | ast.comprehension


@dataclass(frozen=True, slots=True)
class MakeSync:
    """Turn ``async with``, ``async for``, ``async def`` or an async comprehension into its plain form."""

    node: ast.AsyncWith | ast.AsyncFor | ast.AsyncFunctionDef | ast.comprehension


@dataclass(frozen=True, slots=True)
class ReplaceStatement:
    """Put the statements of ``code`` in the place of one statement; an empty template removes it."""

    node: ast.stmt
    code: Code


@dataclass(frozen=True, slots=True)
class InsertBefore:
    """Insert the statements of ``code`` before a statement, with the same indentation."""

    node: ast.stmt
    code: Code


@dataclass(frozen=True, slots=True)
class InsertAfter:
    """Insert the statements of ``code`` after a statement, with the same indentation."""

    node: ast.stmt
    code: Code


@dataclass(frozen=True, slots=True)
class WrapStatements:
    """Indent the statements ``first`` to ``last`` of one block under a new header such as ``async with f() as s:``."""

    first: ast.stmt
    last: ast.stmt
    header: Code


@dataclass(frozen=True, slots=True)
class AddBase:
    """Put a base class in front of those that a class has; it must have one."""

    node: ast.ClassDef
    code: Code


@dataclass(frozen=True, slots=True)
class AddDecorator:
    """Put ``@code`` above a function, nearest to the ``def``."""

    node: ast.FunctionDef | ast.AsyncFunctionDef
    code: Code


@dataclass(frozen=True, slots=True)
class AddParameter:
    """Give a function one more parameter, the last one; by keyword only where one before it has a default."""

    node: ast.FunctionDef | ast.AsyncFunctionDef
    name: str
    annotation: Code


@dataclass(frozen=True, slots=True)
class RemoveDecorator:
    """Remove one decorator of a function, with its line."""

    node: ast.FunctionDef | ast.AsyncFunctionDef
    decorator: ast.expr


ExpressionEdit: TypeAlias = (
    RenameKeyword
    | RemoveArgument
    | AddKeyword
    | ReplaceInString
    | ReplaceName
    | ReplaceExpression
    | RemoveAwait
    | AddAwait
    | AddParameter
    | RenameFunction
    | MakeAsync
    | MakeSync
)
StatementEdit: TypeAlias = InsertBefore | InsertAfter | AddDecorator | AddBase | RemoveDecorator | ReplaceStatement
Edit: TypeAlias = ExpressionEdit | StatementEdit | WrapStatements
"""What a fix is made of, in the order in which several edits change one node."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A repair: edits that belong together (all are applied or none) and how far they can be trusted.

    Attributes:
        edits: The edits, in any order; they must not overlap.
        safety: ``safe`` is applied by default, ``unsafe`` when asked for, ``display-only`` never.
        reason: Why it is not safe, in words for the user; empty when it is.
    """

    edits: tuple[Edit, ...]
    safety: Safety = "safe"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a finding that could be repaired elsewhere cannot be repaired here."""

    reason: str


def safe(*edits: Edit) -> Fix:
    """Describe a fix that cannot change what a working program does."""
    return Fix(edits)


def unsafe(reason: str, *edits: Edit) -> Fix:
    """Describe a fix that needs a reader, because of ``reason``."""
    return Fix(edits, "unsafe", reason)
