"""What a rule is made of: its metadata and the diagnostics it yields."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Collection, Iterator
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


@dataclass(frozen=True, slots=True, eq=False)
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
        names: Names of what is called or asked for that the check looks at; ``None`` for any.
        types: Types of what is called, or of what an attribute is asked of, that the check looks at.
        words: Words of which a file must hold one; none where any file will do.
    """

    code: str
    name: str
    subject: type
    check: Check
    symptom: str
    fixable: FixAvailability
    page: str
    names: frozenset[str] | None = None
    types: tuple[type, ...] = ()
    words: tuple[str, ...] = ()

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


def rule(
    code: str,
    *,
    symptom: str,
    fixable: FixAvailability = "never",
    names: Collection[str] | None = None,
    types: tuple[type, ...] | None = None,
    words: tuple[str, ...] = (),
) -> Callable[[Check], Check]:
    """Register a check; the annotation of its first parameter is the subject it is called with.

    A check of ``ast.Call`` or ``ast.Attribute`` says with ``names`` and ``types`` which of them it can report, so that
    it is not called for the others; one of both has to fit. A name is the attribute itself, or the last part of what
    is called, as it is written or as SQLAlchemy or another library knows it, or the name of a keyword argument.

    Args:
        code: ``ASQ`` and three digits.
        symptom: The exception text or behaviour that a user sees.
        fixable: Whether findings carry a fix always, sometimes or never.
        names: Names to look at.
        types: Types, of what is called or of what an attribute is asked of, to look at.
        words: Words of which a file must hold one to have a finding.

    Raises:
        ValueError: The code is taken.
    """

    def register(check: Check) -> Check:
        if code in RULES:
            raise ValueError(f"{code} is already taken by {RULES[code].name}")
        subject = next(iter(inspect.get_annotations(check, eval_str=True).values()))
        page = inspect.cleandoc(inspect.getmodule(check).__doc__ or "")
        wanted = frozenset(names or ()) if names is not None or types is not None else None
        name = check.__name__.replace("_", "-")
        RULES[code] = Rule(code, name, subject, check, symptom, fixable, page, wanted, types or (), words)
        return check

    return register
