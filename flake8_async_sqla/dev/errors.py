"""The page "Find your error", out of ``errors.md``: from what a user sees to the rules about it, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from flake8_async_sqla.rules.model import Rule

_SOURCE = Path(__file__).with_name("errors.md")
_SECTION = re.compile(r"^## ([^\n]+)\n<!-- ([\w-]+): ([^\n]+) -->\n\n(.+?)\n*(?=^## |\Z)", re.MULTILINE | re.DOTALL)


class Error(NamedTuple):
    """What a user sees.

    Attributes:
        title: The heading, a piece of the message where there is one.
        anchor: Names the section in links.
        words: What the pages of the rules about it say, as a regular expression.
        text: Why it happens, and what to do.
    """

    title: str
    anchor: str
    words: str
    text: str

    def rules(self, rules: Iterable[Rule]) -> list[Rule]:
        """Return the rules whose pages say the words, those first that have them for their symptom."""
        found = [rule for rule in rules if re.search(self.words, f"{rule.symptom} {_why(rule)}")]
        return sorted(found, key=lambda rule: re.search(self.words, rule.symptom) is None)


@cache
def known() -> tuple[Error, ...]:
    """Return the errors in the order of the page."""
    return tuple(Error(*found) for found in _SECTION.findall(_SOURCE.read_text(encoding="utf-8")))


def page(rules: Iterable[Rule]) -> str:
    """Render the page.

    Args:
        rules: The rules in the order of their codes.

    Returns:
        Markdown with one section per error, and one per symptom that belongs to none.
    """
    rules = list(rules)
    lines = [_SOURCE.read_text(encoding="utf-8").partition("\n## ")[0]]
    for error in known():
        lines += [f"(error-{error.anchor})=\n## {error.title}", error.text, _items(error.rules(rules))]
    for rule in rules:
        if not of(rule):
            symptom = rule.symptom.replace("<", "\\<")
            lines += [f"## {symptom[0].upper()}{symptom[1:]}", _items([rule])]
    return "\n\n".join(lines) + "\n"


def of(rule: Rule) -> list[Error]:
    """Return the errors that lead to a rule, in the order of the page."""
    return [error for error in known() if error.rules([rule])]


def _items(rules: Iterable[Rule]) -> str:
    return "\n".join(f"- [{rule.code}]({rule.code}.md) **{rule.name}**: {rule.summary}" for rule in rules)


def _why(rule: Rule) -> str:
    section = re.search(r"^## Why is this bad\?\s+(.+?)(?=\n## )", rule.page, re.MULTILINE | re.DOTALL)
    return " ".join(section[1].split()) if section else ""
