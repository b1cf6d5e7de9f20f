"""``--format sarif``: SARIF 2.1.0, which GitHub, GitLab, Azure DevOps and editors read.

See https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flake8_async_sqla import __version__
from flake8_async_sqla.cli.formats.changes import Change, Replacement, change
from flake8_async_sqla.cli.formats.problem import OwnFormatter, Problem
from flake8_async_sqla.cli.pages import HOME, url
from flake8_async_sqla.rules import load

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "SRCROOT"


class Sarif(OwnFormatter):
    """Prints one run with the rules that ran, ranges, links to the pages and fixes."""

    def __init__(self, options: Namespace, codes: Collection[str]) -> None:
        """Take flake8's options and the codes of the rules that run."""
        super().__init__(options)
        self._rules = [rule for code, rule in sorted(load().items()) if code in codes]
        self._places = {rule.code: place for place, rule in enumerate(self._rules)}
        self._results: list[dict[str, Any]] = []
        self._notes: list[dict[str, Any]] = []

    def problem(self, problem: Problem) -> None:
        """Collect a finding."""
        item = problem.item
        artifact = {"uri": _uri(problem.filename), "uriBaseId": _ROOT}
        region = _region(item.line, item.column, item.end_line, item.end_column)
        result: dict[str, Any] = {
            "ruleId": problem.code,
            "level": "error",
            "message": {"text": problem.text},
            "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
        }
        if problem.code in self._places:
            result["ruleIndex"] = self._places[problem.code]
        found = change(problem.file, item)
        if found is not None and found.replacements:
            result["fixes"] = [_fix(artifact, found)]
        self._results.append(result)

    def failed(self, path: str, reason: str) -> None:
        """Collect an error of a file."""
        self._notes.append({"level": "error", "message": {"text": reason}})

    def stop(self) -> None:
        """Print the log."""
        driver = {
            "name": "flake8-async-sqla",
            "version": __version__,
            "informationUri": HOME,
            "rules": [
                {
                    "id": rule.code,
                    "name": rule.name,
                    "shortDescription": {"text": rule.summary},
                    "help": {"text": rule.page, "markdown": rule.page},
                    "helpUri": url(rule.code),
                    "properties": {"symptom": rule.symptom, "fixable": rule.fixable},
                }
                for rule in self._rules
            ],
        }
        run = {
            "tool": {"driver": driver},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {_ROOT: {"description": {"text": "the directory where the check ran"}}},
            "invocations": [{"executionSuccessful": not self._notes, "toolExecutionNotifications": self._notes}],
            "results": self._results,
        }
        self._write(json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2))
        super().stop()


def _uri(path: str) -> str:
    return quote(Path(path).as_posix().removeprefix("./"))


def _region(line: int, column: int, end_line: int, end_column: int) -> dict[str, int]:
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _fix(artifact: dict[str, str], found: Change) -> dict[str, Any]:
    words = "Safe fix" if found.safety == "safe" else f"{found.safety.capitalize()} fix: {found.reason}"
    parts = [_replacement(part) for part in found.replacements]
    return {"description": {"text": words}, "artifactChanges": [{"artifactLocation": artifact, "replacements": parts}]}


def _replacement(part: Replacement) -> dict[str, Any]:
    region = _region(part.line, part.column, part.end_line, part.end_column)
    return {"deletedRegion": region, "insertedContent": {"text": part.text}}
