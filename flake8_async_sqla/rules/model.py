"""What a rule is made of: its metadata and the diagnostics it yields."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from flake8_async_sqla.fixes.vocabulary import Fix, Refusal
from flake8_async_sqla.semantics.module import Module

FixAvailability: TypeAlias = Literal["always", "sometimes", "never"]
Fixer: TypeAlias = Callable[[], Fix | Refusal]
Check: TypeAlias = Callable[[Any, Module], Iterator["Diagnostic"]]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    Attributes:
        at: The node to report; its first line is where a user puts ``# noqa``.
        message: What happens and what to do, in one line.
        fix: Builds the repair; called only when somebody wants it.
    """

    at: ast.expr | ast.stmt | ast.keyword | ast.arg
    message: str
    fix: Fixer | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A check with its metadata; the module's docstring is its page.

    Attributes:
        code: ``ASQ`` and three digits.
        name: Kebab-case name, from the function's name.
        subject: The node or subject class that the check wants to see.
        check: The generator function.
        symptom: The exception text or behaviour that a user sees.
        fixable: Whether findings carry a fix always, sometimes or never.
        page: The Markdown page.
    """

    code: str
    name: str
    subject: type
    check: Check
    symptom: str
    fixable: FixAvailability
    page: str

    @property
    def opinion(self) -> bool:
        """Whether the rule is an opinion, which a user must select explicitly."""
        return self.code.startswith("ASQ9")

    @property
    def summary(self) -> str:
        """The first sentence of what it does."""
        found = re.search(r"^## What it does\s+(.+?)(?:\n\n|\Z)", self.page, flags=re.MULTILINE | re.DOTALL)
        return re.split(r"(?<=\.) ", " ".join(found.group(1).split()), maxsplit=1)[0] if found else self.name


RULES: dict[str, Rule] = {}


def rule(code: str, *, symptom: str, fixable: FixAvailability = "never") -> Callable[[Check], Check]:
    """Register a check; the annotation of its first parameter is the subject it is called with.

    Args:
        code: ``ASQ`` and three digits.
        symptom: The exception text or behaviour that a user sees.
        fixable: Whether findings carry a fix always, sometimes or never.

    Raises:
        ValueError: The code is taken.
    """

    def register(check: Check) -> Check:
        if code in RULES:
            raise ValueError(f"{code} is already taken by {RULES[code].name}")
        signature = inspect.signature(check, eval_str=True)
        subject = next(iter(signature.parameters.values())).annotation
        page = inspect.cleandoc(inspect.getmodule(check).__doc__ or "")
        RULES[code] = Rule(code, check.__name__.replace("_", "-"), subject, check, symptom, fixable, page)
        return check

    return register
