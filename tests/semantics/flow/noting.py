"""Write down what is read out of sight in a function."""

from __future__ import annotations

import ast
from pathlib import Path

from flake8_async_sqla.semantics.flow.reads.out_of_sight import out_of_sight
from flake8_async_sqla.semantics.flow.reads.reads import Reads
from flake8_async_sqla.semantics.module import Module
from tests.semantics.revealing import load


def written(reads: Reads) -> str:
    """Write reads down: ``author(name) title``."""
    parts = (f"{name}({written(below)})" if below.attributes else name for name, below in reads.attributes.items())
    return " ".join(sorted(parts))


def noted(module: Module, function: str = "f") -> list[str]:
    """List what is read of which value by whom, in a function of a module: ``response model Out: author -> books``."""
    nodes = [node for node in ast.walk(module.tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    found = [note for node in nodes if node.name == function for note in out_of_sight(module, node)]
    return [
        f"{note.sink.kind} {note.sink.name}: {ast.unparse(note.value)} -> {written(note.reads)}"
        for note in sorted(found, key=lambda note: (note.at.lineno, note.at.col_offset, ast.unparse(note.value)))
    ]


def noted_in(folder: Path, source: str, /, **others: str) -> list[str]:
    """List what ``f()`` in ``app.py`` hands on, with other files given by their names without ``.py``."""
    files = {f"{name}.py": text for name, text in others.items()}
    return noted(load(folder, {**files, "app.py": source}))
