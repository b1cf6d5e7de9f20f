"""The documentation pages of the rules, made of their docstrings."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path

from flake8_async_sqla.rules.model import Rule

REQUIRED = ("What it does", "Why is this bad?", "Example", "Use instead", "Fix safety", "References")
HEADINGS = (*REQUIRED[:-1], "Options", REQUIRED[-1])
FAMILIES = {
    "0": "The linter itself",
    "1": "Engines",
    "2": "Sessions",
    "3": "Awaiting",
    "4": "Sync-only API",
    "5": "Implicit IO",
    "6": "Blocking",
    "7": "Transactions",
    "8": "Migrations and tests",
    "9": "Opinions, only when selected explicitly",
}

_CODE_BLOCK = re.compile(r"^ {4}.*(?:\n+ {4}.*)*", re.MULTILINE)


def sections(page: str) -> dict[str, str]:
    """Split a rule's page at its headings.

    Args:
        page: The Markdown docstring.

    Returns:
        The text below each ``##`` heading, in the order of the page.
    """
    _, *parts = re.split(r"^## +(.+)$", page, flags=re.MULTILINE)
    return dict(
        zip((heading.strip() for heading in parts[::2]), (text.strip("\n") for text in parts[1::2]), strict=True)
    )


def page(rule: Rule) -> str:
    """Render a rule's own page.

    Returns:
        Markdown whose examples are marked as Python.
    """
    selection = "Reported only when selected explicitly. " if rule.opinion else ""
    lines = [f"# {rule.code} {rule.name}", f"{selection}Fix: {rule.fixable}. Symptom: {rule.symptom}"]
    for heading, text in sections(rule.page).items():
        lines += [f"## {heading}", _fenced(text) if heading in {"Example", "Use instead"} else text]
    return "\n\n".join(lines) + "\n"


def index(rules: Iterable[Rule]) -> str:
    """Render the table of all rules.

    Args:
        rules: The rules in the order of their codes.

    Returns:
        Markdown with one table per family, and the table of contents that the sidebar shows.
    """
    rules = list(rules)
    lines = ["# Rules", "Every claim on these pages is run against real SQLAlchemy by the test suite.", ""]
    for family, members in groupby(rules, key=lambda rule: rule.code[3]):
        lines += [f"## {FAMILIES[family]}", "", "| code | name | what it does | fix |", "|---|---|---|---|"]
        for rule in members:
            what = rule.summary.replace("|", "\\|")
            lines.append(f"| [{rule.code}]({rule.code}.md) | {rule.name} | {what} | {rule.fixable} |")
        lines.append("")
    lines += ["```{toctree}", ":hidden:", "", "errors", *(rule.code for rule in rules), "```", ""]
    return "\n".join(lines)


def errors(rules: Iterable[Rule]) -> str:
    """Render the page that leads from what a user sees to the rules about it.

    Args:
        rules: The rules in the order of their codes.

    Returns:
        Markdown with one section per symptom, those with most rules first.
    """
    by_symptom: dict[str, list[Rule]] = {}
    for rule in rules:
        by_symptom.setdefault(rule.symptom, []).append(rule)
    lines = ["# Find your error", "", _ERRORS]
    for symptom, members in sorted(by_symptom.items(), key=lambda item: (-len(item[1]), item[0].lower())):
        lines += [f"## {symptom[0].upper()}{symptom[1:]}".replace("<", "\\<"), ""]
        lines += [f"- [{rule.code}]({rule.code}.md) {rule.summary}" for rule in members] + [""]
    return "\n".join(lines)


_ERRORS = """\
Search this page for a piece of the message, or for what you observe. The rules below it find the code that leads there;
`flake8-async-sqla check` says which line it is.

`MissingGreenlet` means that SQLAlchemy wanted to talk to the database in a place where nothing can be awaited: an
attribute read, a property, a listener, or a synchronous call on an async engine. SQLAlchemy 2.1 wraps it in a
`StatementError`, FastAPI in a `ResponseValidationError`.
"""


def write(folder: Path, rules: Mapping[str, Rule]) -> None:
    """Write the pages of all rules and their index, and drop those of rules that are no more."""
    folder.mkdir(exist_ok=True)
    texts = {
        "index": index(rules.values()),
        "errors": errors(rules.values()),
        **{code: page(rule) for code, rule in rules.items()},
    }
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    for path in folder.glob("*.md"):
        if path.stem not in texts:
            path.unlink()


def _fenced(text: str) -> str:
    return _CODE_BLOCK.sub(lambda block: f"```python\n{textwrap.dedent(block[0])}\n```", text)
