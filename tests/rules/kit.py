"""Lint and fix folders of data files in process, with all rules on."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from pathlib import Path

from flake8_async_sqla.fixes.apply import Applied, apply
from flake8_async_sqla.fixes.vocabulary import Fix
from flake8_async_sqla.rules import load
from flake8_async_sqla.rules.run import Finding, findings
from flake8_async_sqla.semantics.files.project import forget
from flake8_async_sqla.semantics.settings import Settings

FIXTURES = Path(__file__).parent / "fixtures"
MAX_PASSES = 10
_MARKER = re.compile(r"#\s*((?:ASQ\d{3}\s*)+)$")


@dataclass(frozen=True, order=True)
class Place:
    """A finding as tests compare it."""

    path: str
    line: int
    code: str


def default_codes() -> frozenset[str]:
    """All rules that are on without being asked for."""
    return frozenset(code for code, rule in load().items() if not rule.opinion)


def flags_of(source: str) -> dict[str, str]:
    """Read ``# flags: target=1.4 app=always drivers=postgresql:psycopg select=ASQ901`` from the first line."""
    first = source.partition("\n")[0]
    return dict(part.split("=", 1) for part in first.removeprefix("# flags:").split() if first.startswith("# flags:"))


def codes_of(source: str) -> frozenset[str]:
    """The rules a fixture is linted with: the default ones, and the opinions that its flags select."""
    return default_codes() | frozenset(code for code in flags_of(source).get("select", "").split(",") if code)


def settings_of(source: str) -> Settings:
    """Read the options in a fixture's flags."""
    flags = flags_of(source)
    drivers = dict(pair.split(":", 1) for pair in flags.get("drivers", "").split(",") if pair)
    targets = frozenset(flags.get("target", "2.0,2.1").split(","))
    return Settings(targets, flags.get("app", "auto"), drivers)


def lint_tree(tree: ast.Module, path: Path, root: Path, codes: frozenset[str]) -> list[Finding]:
    """Lint one file, given its tree, as part of the project in ``root``."""
    source = path.read_text(encoding="utf-8")
    settings = replace(settings_of(source), root=str(root))
    forget()
    return list(findings(tree, source.splitlines(keepends=True), str(path), settings, codes))


def lint(path: Path, root: Path | None = None, codes: frozenset[str] | None = None) -> list[Place]:
    """Lint one file."""
    root = root or path.parent
    codes = codes or codes_of(path.read_text(encoding="utf-8"))
    found = lint_tree(ast.parse(path.read_bytes()), path, root, codes)
    name = str(path.relative_to(root))
    return sorted(Place(name, int(getattr(item.at, "lineno", 1)), item.code) for item in found)


def lint_folder(folder: Path, codes: frozenset[str] | None = None) -> list[Place]:
    """Lint all files of a folder as one project."""
    return sorted(place for path in folder.rglob("*.py") for place in lint(path, folder, codes))


def markers(path: Path, root: Path | None = None) -> list[Place]:
    """Read the findings that the comments of a file announce."""
    name = str(path.relative_to(root or path.parent))
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    found = [(number, match[1].split()) for number, line in lines if (match := _MARKER.search(line))]
    return sorted(Place(name, number, code) for number, codes in found for code in codes)


def fix_once(path: Path, *, unsafe: bool = True, codes: frozenset[str] | None = None) -> Applied:
    """Apply what can be applied in one pass, and write the file."""
    source = path.read_bytes()
    tree = ast.parse(source)
    found = lint_tree(tree, path, path.parent, codes or codes_of(source.decode()))
    built = [item.fix() for item in found if item.fix is not None]
    levels = ("safe", "unsafe") if unsafe else ("safe",)
    applied = apply(source, tree, [item for item in built if isinstance(item, Fix) and item.safety in levels])
    path.write_bytes(applied.source)
    return applied


def fix(path: Path, *, unsafe: bool = True, codes: frozenset[str] | None = None) -> str:
    """Fix a file until nothing applies; give the final source."""
    for _ in range(MAX_PASSES):
        if not fix_once(path, unsafe=unsafe, codes=codes).applied:
            return path.read_text(encoding="utf-8")
    raise AssertionError(f"{path.name}: fixes do not settle in {MAX_PASSES} passes")
