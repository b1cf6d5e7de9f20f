"""Predictions against runs."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Literal, TypeAlias, get_args

from flake8_async_sqla.dev.differential.predict import predict
from flake8_async_sqla.dev.differential.running import Run, Worker
from flake8_async_sqla.dev.differential.tables import SWAPPED

MAX_ROUNDS = 12
_ROWS = range(SWAPPED + 1)
_SUBCLASS_BY_KEY = re.compile(r"get(_one)?\(Special|load_special|Special\w+\.id ==")
FILLED = 3  # with the others after these, some collections are empty, and nothing of theirs is read
Verdict: TypeAlias = Literal["right", "missed", "data", "some", "false"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True)
class Judgement:
    """One line of a program.

    Attributes:
        verdict: ``right`` if it was predicted and raised, ``missed`` if it raised only, ``false`` if it was predicted
            and executed, and raised with no rows. Where the rows in the tables decide, which nobody can see in the
            source: ``data`` if it raised only, and other rows make the same read succeed; ``some`` if it was predicted,
            and raised with some rows, but with others no run raised anything.
        kind: The kind predicted, or the exception that was missed.
        line: The line.
        always: Whether every run that came to the line raised there.
    """

    verdict: Verdict
    kind: str
    line: int
    always: bool = True


@dataclass
class Tally:
    """What many programs came to.

    Attributes:
        counts: How often each verdict was given, by verdict and kind.
        programs: How many programs ran.
        wrong: Programs that could not be run at all; a defect of the generator.
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    programs: int = 0
    wrong: list[str] = field(default_factory=list)

    def total(self, verdict: Verdict) -> int:
        """Add up one verdict."""
        return sum(count for (given, _), count in self.counts.items() if given == verdict)

    def add(self, other: Tally) -> None:
        """Take in another tally."""
        self.counts += other.counts
        self.programs += other.programs
        self.wrong += other.wrong

    def missed_rate(self) -> float:
        """Return the share of failing reads that were not predicted, 0 to 1."""
        raised = self.total("right") + self.total("missed")
        return self.total("missed") / raised if raised else 0.0


def judge(predicted: dict[int, str], runs: list[Run], others: Iterable[list[Run]] = ()) -> list[Judgement]:
    """Compare the predictions for a program with its runs.

    A prediction may be reported at any line that the exception went through: the call or the read behind it. It can be
    called false only where every run came to its end: in a loop, the next turn may be the one that raises.

    Args:
        predicted: The kind of each predicted failure by its line.
        runs: What happened.
        others: What happened with other rows in the tables; asked for only where it matters.
    """
    found = []
    failed = [run for run in runs if run.error not in ("", "other")]
    asked: list[list[Run]] = []
    waiting = iter(others)

    def more() -> Iterator[list[Run]]:
        yield from asked
        for other in waiting:
            asked.append(other)
            yield other

    for lines in dict.fromkeys(run.at for run in failed):
        always = all(run.at == lines or lines[-1] not in run.lines for run in runs)
        seen = [line for line in lines if line in predicted]
        if seen:
            found.append(Judgement("right", predicted[seen[-1]], seen[-1], always))
            continue
        error = next(run.error for run in failed if run.at == lines)
        succeeds = any(all(run.at != lines for run in other) and _passed(other, lines) for other in more())
        found.append(Judgement("data" if succeeds else "missed", error, lines[-1], always))
    filled = [runs, *islice(more(), FILLED)] if predicted else []
    ended = {line for part in filled if not any(run.error for run in part) for run in part for line in run.lines}
    right = {item.line for item in found if item.verdict == "right"}
    for line, kind in sorted(predicted.items()):
        if line in ended and line not in right:
            others_failed = (run for other in more() for run in other if run.error not in ("", "other"))
            found.append(Judgement("some" if any(line in run.at for run in others_failed) else "false", kind, line))
    return found


def _passed(runs: list[Run], lines: tuple[int, ...]) -> bool:
    """Tell whether a run began the statement at some lines and did not raise there, but behind it or later at most."""
    return any(_got_past(run, lines) for run in runs)


def _got_past(run: Run, lines: tuple[int, ...]) -> bool:
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(run.at, lines, strict=False)))
    rest = {*lines[shared:]}  # what comes later in the same function may raise: the calls that lead to it are the same
    return rest <= run.lines and not {*run.at[shared:]} & rest


def with_other_rows(source: str, worker: Worker) -> Iterator[list[Run]]:
    """Run a program with other rows in the tables, each of which has what the program asks for by its key.

    Args:
        source: The program.
        worker: Who runs it.
    """
    swapped = not _SUBCLASS_BY_KEY.search(source)
    return (worker.run(source, rows) for rows in _ROWS[1:] if swapped or rows != SWAPPED)


def rounds(source: str, worker: Worker) -> Iterator[tuple[str, list[Judgement]]]:
    """Judge a program, and again what is left of it without the statement that stopped it.

    Args:
        source: The program.
        worker: Who runs it.

    Yields:
        Each program with its judgements.

    Raises:
        ValueError: The program is wrong.
    """
    for _ in range(MAX_ROUNDS):
        worker.start(source)
        predicted = predict(source, worker.series)
        runs = worker.finish()
        yield source, judge(predicted, runs, with_other_rows(source, worker))
        if not (stops := {_statement_line(source, run) for run in runs if run.error}):
            return
        shorter = without(source, lambda statement, lines=stops: statement.lineno in lines)  # type: ignore[misc]
        if shorter == source:
            return
        source = shorter


def _statement_line(source: str, run: Run) -> int:
    """The line to leave out: of the innermost coroutine that the exception went through."""
    coroutines = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.AsyncFunctionDef)]
    inside = [line for line in run.at if any(node.lineno < line <= (node.end_lineno or 0) for node in coroutines)]
    return inside[-1] if inside else run.at[-1]


def without(source: str, unwanted: Callable[[ast.stmt], bool]) -> str:
    """Leave statements out of functions; a block that becomes empty gets ``pass``."""

    class Remover(ast.NodeTransformer):
        def generic_visit(self, node: ast.AST) -> ast.AST:
            super().generic_visit(node)
            for name in ("body", "orelse"):
                block = getattr(node, name, None)
                if isinstance(block, list) and not isinstance(node, ast.Module):
                    kept = [item for item in block if not unwanted(item)]
                    setattr(node, name, kept or ([ast.Pass()] if name == "body" else []))
            return node

    return ast.unparse(ast.fix_missing_locations(Remover().visit(ast.parse(source)))) + "\n"
