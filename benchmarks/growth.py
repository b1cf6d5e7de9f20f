"""How the cost grows with a project: generated ones of a quarter, a half, three quarters and all of their size."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.commands import TOOL, cpu
from benchmarks.figures import machine, table, today
from benchmarks.plot import Line, plot

_HEAD = "from sqlalchemy import select\nfrom sqlalchemy.ext.asyncio import AsyncSession\n"
_FUNCTION = """

async def work{number}(session: AsyncSession, flag: int) -> int:
    found = await session.scalars(select({number}))
    if flag == {number}:
        await session.commit()
    elif flag:
        await session.flush()
    return len(list(found))
"""
_LINES = _FUNCTION.count("\n")


_PAGE = """\
# Growth

`python -m benchmarks.growth` writes projects of four sizes, checks them without the cache, and draws this.

![CPU time by size](growth.svg)

Measured on {when}: {machine}, with {share} of the full sizes. Seconds of CPU, those of a start
without files taken off.

{table}"""


class Case(NamedTuple):
    """A kind of project.

    Attributes:
        name: What it is.
        size: How much of it there is at most.
        unit: What is counted.
        write: Writes a project of a size into a directory.
    """

    name: str
    size: int
    unit: str
    write: Callable[[Path, int], None]


def _module(place: Path, lines: int) -> None:
    body = "".join(_FUNCTION.format(number=number) for number in range(lines // _LINES))
    (place / "app.py").write_text(_HEAD + body, encoding="utf-8")


def _imports(place: Path, imports: int) -> None:
    lines = [f"from part{number // 100} import work{number}\n" for number in range(imports)]
    (place / "app.py").write_text(_HEAD + "".join(lines) + _FUNCTION.format(number="_here"), encoding="utf-8")
    for part in range((imports + 99) // 100):
        body = "".join(_FUNCTION.format(number=number) for number in range(part * 100, part * 100 + 100))
        (place / f"part{part}.py").write_text(_HEAD + body, encoding="utf-8")


def _ring(place: Path, files: int) -> None:
    for number in range(files):
        after = (number + 1) % files
        call = f"\n\nasync def both(session: AsyncSession) -> int:\n    return await work{after}(session, {number})\n"
        body = f"from part{after} import work{after}\n" + _FUNCTION.format(number=number) + call
        (place / f"part{number}.py").write_text(_HEAD + body, encoding="utf-8")


def _reexports(place: Path, files: int) -> None:
    """Write chains of ten packages, each of which hands on what the next one defines or hands on."""
    for number in range(files // 2):
        package = place / f"part{number}"
        package.mkdir()
        if number % 10 == 9:
            (package / "__init__.py").write_text(_HEAD + _FUNCTION.format(number=number // 10), encoding="utf-8")
        else:
            (package / "__init__.py").write_text(f"from part{number + 1} import *\n", encoding="utf-8")
        use = f"from part{number} import work{number // 10}\n\n\nasync def use(session: AsyncSession) -> None:\n"
        text = f"{_HEAD}{use}    await work{number // 10}(session, 1)\n"
        (package / "use.py").write_text(text, encoding="utf-8")


CASES = (
    Case("one module", 100_000, "lines", _module),
    Case("imports of one module", 10_000, "imports", _imports),
    Case("ring of imports", 1_000, "files", _ring),
    Case("re-exports, ten deep", 2_000, "files", _reexports),
)


def points(case: Case, scratch: Path, share: float) -> list[tuple[float, float]]:
    """Measure ``check`` on four sizes of a project.

    Args:
        case: The project.
        scratch: A directory for it.
        share: How much of the full size the largest one has.

    Returns:
        Sizes with seconds of CPU, those of a start without files taken off.
    """
    found = []
    check = [*TOOL, "check", "--isolated", "--no-cache", "--exit-zero", "."]
    for quarter in (0, 1, 2, 3, 4):
        place = scratch / "growth"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        (place / "setup.cfg").touch()
        size = int(case.size * share * quarter / 4)
        if quarter:
            case.write(place, size)
        found.append((size, cpu(check, place)))
    return [(size, max(taken - found[0][1], 0.0)) for size, taken in found[1:]]


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, print the points and draw them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--scratch", type=Path, required=True, help="directory for the generated projects")
    parser.add_argument("--share", type=float, default=1.0, help="how much of the full sizes (default: %(default)s)")
    parser.add_argument("--docs", type=Path, help="write growth.md and growth.svg into this directory")
    options = parser.parse_args(argv)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    rows, lines = [], []
    for case in CASES:
        measured = points(case, options.scratch.absolute(), options.share)
        label = f"{case.name}: {measured[-1][0]:.0f} {case.unit} in {measured[-1][1]:.1f} s"
        lines.append(Line(label, [(0.0, 0.0), *measured]))
        cells = [f"{size:.0f}: {taken:.2f} s" for size, taken in measured]
        rows.append([f"{case.name}, {case.unit}", *cells])
        print(label, flush=True)
    found = table(rows, ("project", "quarter", "half", "three quarters", "all"))
    page = _PAGE.format(when=today(), machine=machine(), table=found, share=f"{options.share:.0%}")
    print(page)
    if options.docs:
        (options.docs / "growth.md").write_text(page, encoding="utf-8")
        drawn = plot("check: CPU time by size, both as part of the largest", lines)
        (options.docs / "growth.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
