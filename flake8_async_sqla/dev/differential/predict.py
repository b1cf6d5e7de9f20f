"""What the flow analysis says of a program."""

from __future__ import annotations

import ast
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from flake8_async_sqla.semantics.files.project import Project
from flake8_async_sqla.semantics.flow.analysis import failures
from flake8_async_sqla.semantics.settings import Settings


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


def predict(source: str, series: str) -> dict[int, str]:
    """Analyse a program.

    Args:
        source: Its text.
        series: The SQLAlchemy to expect: ``2.0`` or ``2.1``.

    Returns:
        The kind of each predicted failure by the line it is reported at.
    """
    root = _folder().name
    settings = replace(Settings(frozenset({series})), root=root)
    project = Project(root, settings)
    module = project.take(str(Path(root, "app.py")), ast.parse(source), source, reuse=False)
    return {failure.at.lineno: failure.kind for failure in failures(module) if failure.kind != "stale"}
