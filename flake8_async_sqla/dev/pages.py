"""The documentation pages of the rules, made of their docstrings."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path

from flake8_async_sqla.dev import errors
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

# Not in code, in a link, or of a family.
_CODE = re.compile(r"(?<![`\w\[/])ASQ[1-9]\d\d(?![`\w\]])")
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
    seen = ", ".join(f"[{error.title}](#error-{error.anchor})" for error in errors.of(rule))
    lines = [
        f"# {rule.code} {rule.name}",
        f"{selection}Fix: {rule.fixable}. Symptom: {_text(rule.symptom)}",
        *([f"Seen as: {seen}"] if seen else []),
    ]
    for heading, text in sections(rule.page).items():
        lines += [f"## {heading}", _fenced(text) if heading in {"Example", "Use instead"} else _linked(text, rule.code)]
        if heading == "Example":
            lines.append("[Try it in the playground](../playground.md)")
    return "\n\n".join(lines) + "\n"


def index(rules: Iterable[Rule]) -> str:
    """Render the tables of all rules, which ``docs/_static/filter.js`` narrows down.

    Args:
        rules: The rules in the order of their codes.

    Returns:
        Markdown with one table per family, and the table of contents that the sidebar shows.
    """
    rules = list(rules)
    lines = ["# Rules", "", _INDEX, ""]
    for family, members in groupby(rules, key=lambda rule: rule.code[3]):
        lines += [f"## {FAMILIES[family]}", "", "| code | what it does | symptom | fix | on |", "|---|---|---|---|---|"]
        for rule in members:
            cells = [f"[{rule.code}]({rule.code}.md)", f"**{rule.name}**: {rule.summary}", _text(rule.symptom)]
            cells += [rule.fixable, "when selected" if rule.opinion else "by default"]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        lines.append("")
    lines += ["```{toctree}", ":hidden:", "", *(rule.code for rule in rules), "```", ""]
    return "\n".join(lines)


_INDEX = """\
Every claim on these pages is run against real SQLAlchemy by the test suite. Who knows only a message starts at
[Find your error](errors.md)."""


def write(folder: Path, rules: Mapping[str, Rule]) -> None:
    """Write the pages of all rules and their index, and drop those of rules that are no more."""
    folder.mkdir(exist_ok=True)
    texts = {
        "index": index(rules.values()),
        "errors": errors.page(rules.values()),
        **{code: page(rule) for code, rule in rules.items()},
    }
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    for path in folder.glob("*.md"):
        if path.stem not in texts:
            path.unlink()


def _fenced(text: str) -> str:
    return _CODE_BLOCK.sub(lambda block: f"```python\n{textwrap.dedent(block[0])}\n```", text)


def _text(symptom: str) -> str:
    return symptom.replace("<", "\\<").replace("*", "\\*")


def _linked(text: str, code: str) -> str:
    """Link the codes of other rules that the text names."""
    return _CODE.sub(lambda found: f"[{found[0]}]({found[0]}.md)" if found[0] != code else found[0], text)
