"""What a migration did and left, as Markdown or JSON."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from flake8_async_sqla.migrate.migration import Migration
from flake8_async_sqla.migrate.model import Remark

SECTIONS = (
    ("refusals", "In the way", "Change them by hand and run the migration again."),
    ("notes", "For you to look at", "The migration leaves these to you."),
    ("hygiene", "Blocks the event loop", "These calls ran in a thread pool. Hand them to `run_in_threadpool()`."),
    ("loading", "Loaded with their objects", "asyncio cannot load an attribute when it is read."),
    ("changes", "Changed besides", "Changes that are more than `async` and `await`."),
    ("bridges", "Bridges", "Synchronous code that runs a coroutine in an event loop of its own."),
    ("coloured", "Coroutine functions", "Each with the calls that lead to the database."),
)


def markdown(migration: Migration) -> str:
    """Write the report for a reader."""
    lines = ["# Migration to SQLAlchemy's asyncio extension", "", _summary(migration), ""]
    for name, title, words in SECTIONS:
        remarks = getattr(migration.plan, name)
        if remarks:
            lines += [f"## {title}", "", words, ""]
            lines += [f"- `{remark.path}:{remark.line}`: {remark.text}" for remark in remarks]
            lines.append("")
    if migration.files:
        lines += ["## Files", "", "| file | lines added | lines removed |", "|---|---|---|"]
        lines += [f"| `{path}` | {added} | {gone} |" for path, added, gone in changed_lines(migration)]
        lines.append("")
    return "\n".join(lines)


def as_json(migration: Migration) -> str:
    """Write the report for a program."""
    found: dict[str, object] = {
        name: [asdict(remark) for remark in getattr(migration.plan, name)] for name, _, _ in SECTIONS
    }
    found["calls"] = [asdict(call) for call in migration.plan.calls]
    found["files"] = [{"path": path, "added": added, "removed": gone} for path, added, gone in changed_lines(migration)]
    found["refused"] = migration.refused
    return json.dumps(found, indent=2) + "\n"


def _summary(migration: Migration) -> str:
    plan: Sequence[tuple[str, Sequence[Remark]]] = (
        ("coroutine functions", migration.plan.coloured),
        ("bridges", migration.plan.bridges),
        ("places in the way", migration.plan.refusals),
    )
    counts = ", ".join(f"{len(remarks)} {words}" for words, remarks in plan)
    return f"{len(migration.files)} files changed, {len(migration.refused)} files refused; {counts}."


def changed_lines(migration: Migration) -> Iterator[tuple[str, int, int]]:
    """Yield each changed file with the numbers of lines added and removed."""
    for path, (old, new) in sorted(migration.files.items()):
        added, gone = _changes(old, new)
        yield path, added, gone


def _changes(old: bytes, new: bytes) -> tuple[int, int]:
    matcher = difflib.SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
    changes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return sum(code[4] - code[3] for code in changes), sum(code[2] - code[1] for code in changes)
