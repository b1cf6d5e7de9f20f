"""What a plan says: edits, and for the reader what was coloured, bridged, left, and why."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from flake8_async_sqla.fixes.vocabulary import Edit
from flake8_async_sqla.semantics.module import Module


@dataclass(frozen=True, slots=True, order=True)
class Remark:
    """One line of the report.

    Attributes:
        path: The file, relative to the project's root.
        line: Its line, from 1.
        text: What is said about it.
    """

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Call:
    """An arrow of the call graph.

    Attributes:
        caller: The function, with its name as text; a module's own code has no name, and line 0.
        callee: The function it calls, or the caller's place with the name of what it does to the database.
        kind: ``function``, ``bridge`` or ``database``.
    """

    caller: Remark
    callee: Remark
    kind: str


@dataclass(slots=True)
class Plan:
    """What one stage does to a project.

    Attributes:
        edits: Edits by the module they change.
        separate: Edits that are made on their own: what cannot be made stays as it is and hinders nothing.
        refusals: Places that stand in the way of their file's migration.
        coloured: Functions that become coroutine functions, with the chain that made them so.
        bridges: Places where sync code runs a coroutine.
        loading: What is loaded now because it is read, or what will not be.
        changes: Other changes that a reader wants to know.
        hygiene: Blocking calls that run on the event loop now.
        notes: What else the stage leaves to the reader.
        calls: The calls that lead to the database.
    """

    edits: dict[Module, list[Edit]] = field(default_factory=dict)
    separate: dict[Module, dict[ast.AST, list[Edit]]] = field(default_factory=dict)
    refusals: list[Remark] = field(default_factory=list)
    coloured: list[Remark] = field(default_factory=list)
    bridges: list[Remark] = field(default_factory=list)
    loading: list[Remark] = field(default_factory=list)
    changes: list[Remark] = field(default_factory=list)
    hygiene: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def edit(self, module: Module, *edits: Edit) -> None:
        """Add edits of a module."""
        own = self.edits.setdefault(module, [])
        own.extend(edit for edit in edits if edit not in own)

    def separately(self, module: Module, group: ast.AST, edits: list[Edit]) -> None:
        """Add edits that are made or left for themselves, together with others of the same group."""
        self.separate.setdefault(module, {}).setdefault(group, []).extend(edits)

    def refuse(self, module: Module, node: ast.AST, reason: str) -> None:
        """Say why a place keeps its file from being migrated."""
        _add(self.refusals, remark(module, node, reason))

    def note(self, module: Module, node: ast.AST, text: str) -> None:
        """Say what the reader has to look at."""
        _add(self.notes, remark(module, node, text))


def remark(module: Module, node: ast.AST, text: str) -> Remark:
    """Say something about a node."""
    return Remark(module.relative_path, getattr(node, "lineno", 1), text)


def _add(remarks: list[Remark], one: Remark) -> None:
    if one not in remarks:
        remarks.append(one)
