"""Random programs: no read that succeeds is reported, and few that fail are missed."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from flake8_async_sqla.dev.differential import compare
from flake8_async_sqla.dev.differential.command import Report, check, show
from flake8_async_sqla.dev.differential.compare import Tally, judge
from flake8_async_sqla.dev.differential.generate import program
from flake8_async_sqla.dev.differential.running import Run, Worker
from flake8_async_sqla.dev.differential.shrink import shrink
from flake8_async_sqla.dev.differential.tables import SWAPPED
from tests.sqlalchemy_versions import installed

SEEDS = range(4000, 4060)
MAX_MISSED = 0.1
KINDS = ("relationship", "deferred", "raising", "expired", "new", "detached", "change")


@cache
def outcome(series: str) -> tuple[Tally, list[Report]]:
    return check(SEEDS, str(installed(series)))


def told(tally: Tally, reports: list[Report], verdict: str) -> str:
    lines: list[str] = []
    show(tally, [report for report in reports if report[1].verdict == verdict], lines.append)
    return "\n".join(lines)


@pytest.mark.parametrize("series", ["2.0", "2.1"])
def test_no_read_that_succeeds_is_reported(series: str) -> None:
    tally, reports = outcome(series)
    assert tally.wrong == []
    assert tally.total("false") == 0, told(tally, reports, "false")


@pytest.mark.parametrize("series", ["2.0", "2.1"])
def test_few_reads_that_fail_are_missed(series: str) -> None:
    tally, reports = outcome(series)
    assert tally.total("right") > len(SEEDS)
    assert tally.missed_rate() <= MAX_MISSED, told(tally, reports, "missed")


def test_every_kind_of_failure_occurs() -> None:
    counts = outcome("2.0")[0].counts
    assert [kind for kind in KINDS if not counts["right", kind]] == []


def test_prediction_of_nothing_misses_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "predict", lambda source, series: {})
    tally, _ = check(range(4000, 4010), str(installed("2.0")))
    assert tally.missed_rate() == 1
    assert tally.total("false") == 0


def test_prediction_of_everything_is_mostly_false(monkeypatch: pytest.MonkeyPatch) -> None:
    def everything(source: str, series: str) -> dict[int, str]:
        return {node.lineno: "relationship" for node in ast.walk(ast.parse(source)) if isinstance(node, ast.expr)}

    monkeypatch.setattr(compare, "predict", everything)
    tally, _ = check(range(4000, 4010), str(installed("2.0")))
    assert tally.total("missed") == 0
    assert tally.total("false") > tally.total("right") > 0


RAISED_IN_REPR = Run("MissingGreenlet", "", (9, 4), frozenset({9, 4}))  # line 9 prints, line 4 is the __repr__


@pytest.mark.parametrize(
    ("rows", "other_rows", "verdict"),
    [
        ([Run("", "", (), frozenset({9}))], [RAISED_IN_REPR], "some"),
        ([Run("", "", (), frozenset({9, 4}))], [RAISED_IN_REPR], "some"),
        ([Run("", "", (), frozenset({9}))], [Run("", "", (), frozenset({9}))], "false"),
        ([Run("", "", (), frozenset({9}))], [Run("MissingGreenlet", "", (9,), frozenset({9}))], "some"),
        ([Run("", "", (), frozenset({9}))], [Run("MissingGreenlet", "", (8,), frozenset({8}))], "false"),
        ([Run("", "", (), frozenset({9}))], [Run("other", "", (9, 4), frozenset({9, 4}))], "false"),
        ([Run("", "", (), frozenset({8}))], [RAISED_IN_REPR], None),
    ],
    ids=["no repr", "read in repr", "never raises", "line itself", "another line", "another error", "not reached"],
)
def test_rows_decide_a_prediction_if_with_some_it_raises(
    rows: list[Run], other_rows: list[Run], verdict: str | None
) -> None:
    assert [item.verdict for item in judge({9: "relationship"}, rows, [other_rows])] == ([verdict] if verdict else [])


FAILED_IN_WORK = Run("MissingGreenlet", "", (20, 5), frozenset({20, 5}))  # line 20 calls what reads in line 5


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        (Run("", "", (), frozenset({20, 5, 6})), "data"),
        (Run("MissingGreenlet", "", (20, 6), frozenset({20, 5, 6})), "data"),
        (Run("other", "", (20, 5, 2), frozenset({20, 5, 2})), "data"),
        (Run("other", "", (20, 4), frozenset({20, 4})), "missed"),
        (Run("other", "", (20,), frozenset({20})), "missed"),
        (FAILED_IN_WORK, "missed"),
    ],
)
def test_rows_decide_a_failure_if_with_others_the_program_gets_past_it(other: Run, verdict: str) -> None:
    assert [item.verdict for item in judge({}, [FAILED_IN_WORK], [[other]])] == [verdict]


def test_rows_that_swap_subclasses_are_not_for_programs_that_ask_for_one_by_its_key() -> None:
    class Asked(Worker):
        def __init__(self) -> None:
            self.rows: list[int] = []

        def run(self, source: str, rows: int = 0) -> list[Run]:
            self.rows.append(rows)
            return []

    counts = []
    for source in ("await session.get(Author, 2)", "await session.get(SpecialAuthor, 2)"):
        worker = Asked()
        assert [*compare.with_other_rows(source, worker)] == [[] for _ in worker.rows]
        counts.append(worker.rows)
    assert counts[0] == [*counts[1], SWAPPED]


def test_equal_seeds_give_equal_programs() -> None:
    assert program(1) == program(1) != program(2)


def test_shrinking_keeps_what_is_wanted() -> None:
    source = "def f(a, b):\n    g(a)\n    if a:\n        return h(a).options(b)\n    return a\n"
    assert shrink(source, lambda text: "h(" in text) == "def f():\n    return h()\n"
