"""``python -m flake8_async_sqla.dev differential``: random programs, predicted and run."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import product

from flake8_async_sqla.dev.differential.compare import VERDICTS, Judgement, Tally, judge, rounds, with_other_rows
from flake8_async_sqla.dev.differential.generate import program
from flake8_async_sqla.dev.differential.predict import predict
from flake8_async_sqla.dev.differential.running import Worker
from flake8_async_sqla.dev.differential.shrink import shrink

Report = tuple[int, Judgement, str]


def check(seeds: Iterable[int], path: str, *, smallest: int = 0) -> tuple[Tally, list[Report]]:
    """Generate, predict and run programs.

    Args:
        seeds: A program for each.
        path: The directory that holds SQLAlchemy; empty for the one that is installed.
        smallest: How many disagreements of each kind to make small; the others keep their size.

    Returns:
        The counts, and each disagreement with its seed and program.
    """
    tally, reports, small = Tally(), [], Tally()
    with Worker(path) as worker:
        for seed in seeds:
            tally.programs += 1
            try:
                for source, found in rounds(program(seed), worker):
                    for item in found:
                        key = (item.verdict, item.kind)
                        tally.counts[key] += 1
                        if item.verdict == "right":
                            continue
                        small.counts[key] += 1
                        text = _small(source, item, worker) if small.counts[key] <= smallest else source
                        reports.append((seed, item, text))
            except ValueError as error:
                tally.wrong.append(f"program {seed}: {error}")
    return tally, reports


def _small(source: str, item: Judgement, worker: Worker) -> str:
    line = source.splitlines()[item.line - 1].strip()
    wanted = (item.verdict, item.kind, item.always, line)

    def same(candidate: str) -> bool:
        lines = candidate.splitlines()
        predicted = predict(candidate, worker.series)
        if (line in {lines[at - 1].strip() for at in predicted}) != (item.verdict == "false"):
            return False
        try:
            found = judge(predicted, worker.run(candidate), with_other_rows(candidate, worker))
        except ValueError:
            return False
        return any((new.verdict, new.kind, new.always, lines[new.line - 1].strip()) == wanted for new in found)

    small = shrink(source, same)
    lines = small.splitlines()
    return (
        "\n".join(f"{text}  # {item.verdict}: {item.kind}" if text.strip() == line else text for text in lines) + "\n"
    )


def show(tally: Tally, reports: list[Report], write: Callable[[str], object] = print) -> None:
    """Print the counts and the disagreements."""
    for seed, item, text in sorted(reports, key=lambda report: len(report[2])):
        write(f"--- program {seed}, line {item.line}: {item.verdict}, {item.kind}\n{text}")
    for kind in sorted({kind for _, kind in tally.counts}):
        cells = [f"{verdict} {tally.counts[verdict, kind]}" for verdict in VERDICTS]
        write(f"{kind:24} {', '.join(cells)}")
    write(
        f"{tally.programs} programs: {tally.total('right')} predicted and raised, {tally.total('missed')} raised and "
        f"missed ({tally.missed_rate():.1%}), {tally.total('data')} raised and missed with some rows only, "
        f"{tally.total('some')} predicted and raised with some rows only, "
        f"{tally.total('false')} predicted and did not raise"
    )
    for text in tally.wrong:
        write(f"wrong {text}")


def main(arguments: list[str]) -> None:
    """Run the check.

    Args:
        arguments: The command line after ``differential``.
    """
    parser = argparse.ArgumentParser(prog="python -m flake8_async_sqla.dev differential", description=__doc__)
    parser.add_argument("--programs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="the first program's; the others count on")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument(
        "--path",
        action="append",
        help="a directory with another SQLAlchemy than the installed one, which an empty name stands for; given more "
        "than once, the programs are shared out among them",
    )
    parser.add_argument("--smallest", type=int, default=1, help="how many disagreements of each kind to make small")
    given = parser.parse_args(arguments)
    paths = given.path or [""]
    parts = [
        (range(given.seed + place, given.seed + given.programs, len(paths) * given.jobs), path)
        for place, (_, path) in enumerate(product(range(given.jobs), paths))
    ]
    tally, reports = Tally(), []
    one = partial(check, smallest=given.smallest)
    with ProcessPoolExecutor(given.jobs) as pool:
        for found, more in pool.map(one, *zip(*parts, strict=True)):
            tally.add(found)
            reports += more
    show(tally, reports)
