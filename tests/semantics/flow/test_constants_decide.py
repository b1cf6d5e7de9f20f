"""Constants that a call gives decide what a helper reads: what they rule out is not reported, and does not raise."""

from __future__ import annotations

import pytest

from flake8_async_sqla.dev.differential.running import Worker
from tests.semantics.flow.test_programs_run import MODELS, check, worker

__all__ = ["worker"]

HELPERS, ENGINE, URL = MODELS.partition("engine = ")
HELPERS += """
SHORT = "short"
FIELDS = ("id",)


def by_set(match, include=None):
    if include and "notes" in include:
        return len(match.notes)
    return match.id


def by_mode(match, mode=SHORT):
    if mode != "full":
        return match.id
    return len(match.notes)


def by_depth(match, depth=0):
    return len(match.notes) if depth > 0 else match.id


def by_any(match, flags=()):
    if not flags:
        return match.id
    return len(match.notes)


def passed_on(match, fields):
    return by_set(match, include=fields)


def bound_again(match, depth):
    depth = depth + 1
    return by_depth(match, depth)


def by_case(match, mode="short"):
    match mode:
        case "full" | "all":
            return len(match.notes)
        case _:
            return match.id


def by_field(match, fields):
    for field in fields:
        if field == "notes":
            return len(match.notes)
    return match.id


def grown(match, include=None):
    include.append("notes")
    return by_set(match, include)


def completed(match, include=None):
    include = include or {"id"}
    if include and "notes" in include:
        return len(match.notes)
    return match.id


def completed_if_missing(match, mode=None):
    if mode is None:
        mode = "short"
    return len(match.notes) if mode == "full" else match.id


def completed_by_choice(match, depth=None, deep=None):
    depth = 0 if depth is None else depth
    deep = deep if deep is not None else False
    if deep:
        return len(match.notes)
    if depth > 0:
        return len(match.notes)
    return by_depth(match, depth)


def completed_late(match, mode=None):
    if mode is None:
        return len(match.notes)
    mode = mode or "short"
    return match.id


class View:
    def show(self, match, mode):
        return by_mode(match, mode)


"""
RULED_OUT = [
    "by_set(match)",
    'by_set(match, {"id"})',
    'by_set(match, include=["id", "name"])',
    "by_mode(match)",
    "by_mode(match, SHORT)",
    'by_mode(match, mode="short")',
    "by_depth(match)",
    "by_depth(match, 0)",
    "by_any(match, [])",
    "by_any(match)",
    'passed_on(match, {"id"})',
    "passed_on(match, FIELDS)",
    'View().show(match, "short")',
    "by_case(match)",
    'by_case(match, "id")',
    "by_field(match, FIELDS)",
    'by_field(match, ["id", "name"])',
    "completed(match)",
    'completed(match, {"name"})',
    "completed_if_missing(match)",
    'completed_if_missing(match, "brief")',
    "completed_by_choice(match)",
    "completed_by_choice(match, 0, False)",
    'completed_late(match, "brief")',
]
READING = [
    'by_set(match, {"notes"})',
    'by_mode(match, mode="full")',
    "by_depth(match, 2)",
    'by_any(match, ("notes",))',
    'passed_on(match, ("notes", "id"))',
    "bound_again(match, 0)",
    'View().show(match, "full")',
    'by_case(match, mode="all")',
    'by_field(match, ("id", "notes"))',
    'grown(match, ["id"])',
    'completed(match, {"notes"})',
    'completed_if_missing(match, mode="full")',
    "completed_by_choice(match, 1)",
    "completed_by_choice(match, deep=True)",
    "completed_late(match)",
]


def _program(call: str) -> str:
    return f"""
        async def main(flag):
            async with factory() as session:
                match = await session.get_one(Match, 1)
                {call}
    """


@pytest.mark.parametrize("call", RULED_OUT)
def test_what_a_constant_rules_out_is_not_reported(call: str, worker: Worker) -> None:
    check(_program(call), HELPERS + ENGINE + URL, worker)


@pytest.mark.parametrize("call", READING)
def test_what_a_constant_asks_for_is_reported(call: str, worker: Worker) -> None:
    check(_program(f"{call}  # relationship"), HELPERS + ENGINE + URL, worker)
