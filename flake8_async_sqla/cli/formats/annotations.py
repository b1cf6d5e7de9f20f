"""Formats that code hosts show beside the changed lines."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any

from flake8_async_sqla.cli.formats.problem import OwnFormatter, Problem


class GitHub(OwnFormatter):
    """Workflow commands of GitHub Actions, one line for each finding.

    See https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """

    shows_fixes = False

    def problem(self, problem: Problem) -> None:
        """Print a finding."""
        item = problem.item
        place = {
            "file": problem.filename.removeprefix("./"),
            "line": item.line,
            "endLine": item.end_line,
            "col": item.column,
            "endColumn": item.end_column,
            "title": f"flake8-async-sqla ({problem.code})",
        }
        properties = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in place.items())
        self._write(f"::error {properties}::{_escaped(f'{problem.code} {problem.text}')}")

    def failed(self, path: str, reason: str) -> None:
        """Print an error of a file."""
        self._write(f"::error file={_escaped(path.removeprefix('./'), ':,')}::{_escaped(reason)}")


def _escaped(text: str, more: str = "") -> str:
    for sign in ("%", "\r", "\n", *more):
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text


class GitLab(OwnFormatter):
    """GitLab's code quality report.

    See https://docs.gitlab.com/ci/testing/code_quality/
    """

    shows_fixes = False

    def after_init(self) -> None:
        """Start an empty report."""
        self._issues: list[dict[str, Any]] = []
        self._seen: Counter[str] = Counter()

    def problem(self, problem: Problem) -> None:
        """Collect a finding; its fingerprint stays the same while other lines move."""
        path = problem.filename.removeprefix("./")
        key = "\0".join((path, problem.code, (problem.physical_line or "").strip()))
        self._seen[key] += 1
        fingerprint = hashlib.sha256(f"{key}\0{self._seen[key]}".encode()).hexdigest()
        item = problem.item
        self._issues.append(
            {
                "type": "issue",
                "check_name": problem.code,
                "description": f"{problem.code} {problem.text}",
                "categories": ["Bug Risk"],
                "severity": "major",
                "fingerprint": fingerprint,
                "location": {
                    "path": path,
                    "positions": {
                        "begin": {"line": item.line, "column": item.column},
                        "end": {"line": item.end_line, "column": item.end_column},
                    },
                },
            }
        )

    def stop(self) -> None:
        """Print the report."""
        self._write(json.dumps(self._issues, indent=2))
        super().stop()
