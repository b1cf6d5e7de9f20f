"""``explain`` and ``rules``: what the rules say about themselves."""

from __future__ import annotations

import difflib

from flake8_async_sqla.cli.errors import UserError
from flake8_async_sqla.rules import load

HOME = "https://flake8-async-sqla.readthedocs.io"


def url(code: str) -> str:
    """Return the address of a rule's page."""
    return f"{HOME}/en/latest/rules/{code}.html"


def explain(wanted: str) -> int:
    """Print the page of a rule.

    Args:
        wanted: Its code or name, in any case.

    Raises:
        UserError: There is no such rule.
    """
    rules = load()
    by_word = {word.lower(): rule for rule in rules.values() for word in (rule.code, rule.name)}
    rule = by_word.get(wanted.lower())
    if rule is None:
        word = wanted.lower()
        close = [known for known in by_word if word and known.startswith(word)] or difflib.get_close_matches(
            word, by_word, n=1, cutoff=0.5
        )
        hint = f"did you mean {by_word[close[0]].code} ({by_word[close[0]].name})?" if close else "'rules' lists all"
        raise UserError(f"there is no rule {wanted}; {hint}")
    print(rule.page if rule.code in rule.page else f"{rule.code}\n\n{rule.page}")
    return 0


def table() -> int:
    """Print all rules: code, name, whether it has a fix, whether it is an opinion, and the symptom."""
    rows = [("code", "name", "fix", "opinion", "symptom")]
    rows += [
        (rule.code, rule.name, rule.fixable, "opinion" if rule.opinion else "", rule.symptom)
        for rule in load().values()
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0
