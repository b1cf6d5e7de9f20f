"""What this linter and other tools report, mis-use by mis-use: the tables in ``docs/comparison.md``."""

from __future__ import annotations

import ast
import dataclasses
import datetime
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from flake8_async_sqla.dev.misuses import FAMILIES, PRELUDE, RIGHT, Misuse, unannotated
from flake8_async_sqla.dev.readme import ROOT
from flake8_async_sqla.rules import load
from flake8_async_sqla.rules.run import findings
from flake8_async_sqla.semantics.files.project import forget
from flake8_async_sqla.semantics.settings import Settings

PAGE = ROOT / "docs" / "comparison.md"
NOTHING = "\N{EN DASH}"
_START, _END = "<!-- comparison -->\n", "<!-- end of comparison -->\n"
_MISSING_TYPES = re.compile(r"untyped|missing-annotation|no-any|type-arg|unannotated|implicit-any")
_LINTED = r"^(?:\./)?case_(\d+)\.py:(\d+):\d+: ([A-Z]+\d+) "
# Of rules for style and for what is not used; FastAPI's and annotations' are reported in the correct program too.
_STYLE = "A,ANN,ARG,B008,COM,CPY,D,E501,ERA,F841,FAST002,I,INP,Q,RET,T201,W"
_LINE = {
    "mypy": re.compile(r"^case_(\d+)\.py:(\d+):.*error: .*\[([\w-]+)\]$", re.MULTILINE),
    "ty": re.compile(r"^case_(\d+)\.py:(\d+):\d+: (?:error|warning)\[([\w-]+)\]", re.MULTILINE),
    "pyrefly": re.compile(r"^\s*(?:ERROR|WARN)\s+case_(\d+)\.py:(\d+):.*\[([\w-]+)\]$", re.MULTILINE),
    "ruff": re.compile(_LINTED, re.MULTILINE),
    "flake8-async": re.compile(_LINTED.replace("[A-Z]+", "ASYNC"), re.MULTILINE),
    "flake8-sqlalchemy2": re.compile(_LINTED, re.MULTILINE),
}
_COMMANDS = {
    "pyright": ["pyright", "--outputjson", "."],
    "mypy": [
        *("mypy", "--strict", "--enable-error-code=unused-awaitable", "--enable-error-code=truthy-bool"),
        *("--no-error-summary", "."),
    ],
    "ty": ["ty", "check", "--output-format=concise", "."],
    "pyrefly": ["pyrefly", "check", "--output-format=min-text", "."],
    "ruff": ["ruff", "check", "--isolated", "--select=ALL", f"--ignore={_STYLE}", "--output-format=concise", "."],
    "flake8-async": ["flake8", "--isolated", "."],
    "flake8-sqlalchemy2": ["flake8", "--isolated", "--select=SA2", "."],
}
Report = tuple[int, int, str]


def misuses() -> list[Misuse]:
    """List all mis-uses in the order of the tables, the correct code last."""
    return [*(found for family in FAMILIES.values() for found in family), RIGHT]


def programs(annotated: bool) -> list[str]:
    """Write one program for each mis-use."""
    return [found.program() if annotated else unannotated(found.program()) for found in misuses()]


def ours(program: str) -> str:
    """List the codes that this linter reports behind the prelude of a program."""
    forget()
    codes = frozenset(code for code, rule in load().items() if not rule.opinion)
    start = len(_prelude(program)) + 1
    with tempfile.TemporaryDirectory() as folder:
        settings = dataclasses.replace(Settings(), root=folder)
        path = str(Path(folder, "app.py"))
        found = list(findings(ast.parse(program), program.splitlines(keepends=True), path, settings, codes))
    return _cell({item.code for item in found if getattr(item.at, "lineno", 0) >= start})


def _prelude(program: str) -> list[str]:
    first = program.splitlines()
    return (
        PRELUDE if first[: len(PRELUDE.splitlines())] == PRELUDE.splitlines() else unannotated(PRELUDE)
    ).splitlines()


def _cell(codes: set[str]) -> str:
    return ", ".join(sorted(codes)) or NOTHING


def version(tool: str) -> str:
    """Ask an installed tool for its version; empty if it cannot be run."""
    program = _COMMANDS[tool][0]
    if shutil.which(program) is None:
        return ""
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    named = rf"{tool}:\s+" if program == "flake8" else ""
    found = re.search(rf"{named}(\d+\.\d+[\w.]*)", done.stdout)
    return found[1] if found else ""


def reports(tool: str, sources: Sequence[str]) -> list[set[str]]:
    """Run another tool over programs.

    Args:
        tool: Its name.
        sources: The programs.

    Returns:
        For each program, the codes of what is reported behind its prelude.
    """
    with tempfile.TemporaryDirectory() as folder:
        for number, source in enumerate(sources):
            Path(folder, f"case_{number}.py").write_text(source, encoding="utf-8")
        Path(folder, "pyrefly.toml").touch()  # without one, pyrefly reports a small selection only
        done = subprocess.run(_COMMANDS[tool], cwd=folder, capture_output=True, text=True, check=False)
    parse: Callable[[str], list[Report]] = _pyright if tool == "pyright" else lambda text: _lines(tool, text)
    found: list[set[str]] = [set() for _ in sources]
    for number, line, code in parse(done.stdout):
        if line > len(_prelude(sources[number])) and not _MISSING_TYPES.search(code):
            found[number].add(code)
    return found


def _pyright(output: str) -> list[Report]:
    return [
        (
            int(Path(item["file"]).stem.removeprefix("case_")),
            item["range"]["start"]["line"] + 1,
            item.get("rule", "error"),
        )
        for item in json.loads(output)["generalDiagnostics"]
    ]


def _lines(tool: str, output: str) -> list[Report]:
    return [(int(match[1]), int(match[2]), match[3]) for match in _LINE[tool].finditer(output)]


def tables(versions: dict[str, str]) -> str:
    """Run everything and write the tables.

    Args:
        versions: The tools to run, with their versions.
    """
    columns: dict[str, list[str]] = {}
    for annotated in (True, False):
        sources = programs(annotated)
        columns[f"us {annotated}"] = [ours(source) for source in sources]
        for tool in versions:
            columns[f"{tool} {annotated}"] = [_cell(found) for found in reports(tool, sources)]
    names = ["us", *versions]
    both = (True, False)
    return "\n".join([_totals(names, columns), *(_table(annotated, list(versions), columns) for annotated in both)])


def _totals(names: list[str], columns: dict[str, list[str]]) -> str:
    lines = [f"| seen, of {len(misuses()) - 1} | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for annotated in (True, False):
        seen = [sum(cell != NOTHING for cell in columns[f"{name} {annotated}"][:-1]) for name in names]
        lines.append(f"| {'annotated' if annotated else 'not annotated'} | {' | '.join(map(str, seen))} |")
    return "\n".join(lines) + "\n"


def _table(annotated: bool, tools: list[str], columns: dict[str, list[str]]) -> str:
    names = ["us", *tools]
    lines = [f"## {'Annotated code' if annotated else 'The same code without annotations'}\n"]
    lines += [f"| mis-use | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    number = 0
    for family, members in (*FAMILIES.items(), ("Control", (RIGHT,))):
        lines.append(f"| **{family}** |{' |' * len(names)}")
        for misuse in members:
            cells = [columns[f"{name} {annotated}"][number] for name in names]
            lines.append(f"| {misuse.title} | {' | '.join(cells)} |")
            number += 1
    return "\n".join(lines) + "\n"


def rewrite() -> None:
    """Write the tables into the page, with the versions of the tools that could be run and the names of the others."""
    versions = {tool: found for tool in _COMMANDS if (found := version(tool))}
    absent = [tool for tool in _COMMANDS if tool not in versions]
    ran = ", ".join(f"{tool} {found}" for tool, found in versions.items())
    note = f"Run on {datetime.date.today().isoformat()} with {ran}.\n"
    if absent:
        note += f"Not to be had, and left out: {', '.join(absent)}.\n"
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_START)
    after = rest.partition(_END)[2]
    PAGE.write_text(f"{before}{_START}{note}\n{tables(versions)}{_END}{after}", encoding="utf-8")
    print(note, file=sys.stderr)
