"""``--format json``: one document, whose version changes when a reader would have to."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from flake8_async_sqla import __version__
from flake8_async_sqla.cli.formats.changes import Change, change
from flake8_async_sqla.cli.formats.problem import OwnFormatter, Problem
from flake8_async_sqla.cli.pages import url
from flake8_async_sqla.rules import load

SCHEMA_VERSION = 1


class Json(OwnFormatter):
    """Prints all findings as one JSON document; its schema is part of the documentation."""

    def after_init(self) -> None:
        """Start an empty document."""
        self._findings: list[dict[str, Any]] = []
        self._errors: list[dict[str, str]] = []

    def problem(self, problem: Problem) -> None:
        """Collect a finding."""
        item, known = problem.item, load().get(problem.code)
        self._findings.append(
            {
                "code": problem.code,
                "rule": known.name if known else None,
                "message": problem.text,
                "path": problem.filename,
                "line": item.line,
                "column": item.column,
                "end_line": item.end_line,
                "end_column": item.end_column,
                "url": url(problem.code) if known else None,
                "fix": _fix(change(problem.file, item)),
            }
        )

    def failed(self, path: str, reason: str) -> None:
        """Collect an error of a file."""
        self._errors.append({"path": path, "message": reason})

    def stop(self) -> None:
        """Print the document."""
        document = {
            "version": SCHEMA_VERSION,
            "tool": {"name": "flake8-async-sqla", "version": __version__},
            "findings": self._findings,
            "errors": self._errors,
        }
        self._write(json.dumps(document, indent=2))
        super().stop()


def _fix(found: Change | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "safety": found.safety or None,
        "reason": found.reason or None,
        "replacements": [asdict(part) for part in found.replacements],
    }
