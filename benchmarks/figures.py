"""What was measured, and the tables made of it."""

from __future__ import annotations

import datetime
import os
import platform
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Series:
    """One thing that was measured in every round.

    Attributes:
        name: What it is.
        unit: ``x`` for multiples of `ast.parse`, or ``ms`` or ``MB``.
        values: One value for each round; none where the tool is not available.
        note: What a reader must know.
    """

    name: str
    unit: str = "x"
    values: list[float] = field(default_factory=list)
    note: str = ""

    def row(self) -> list[str]:
        """Return the cells of a table."""
        if not self.values:
            return [self.name, "not available", "", "", self.note]
        digits = 3 if self.unit == "x" else 1
        cells = [statistics.median(self.values), min(self.values), max(self.values)]
        return [self.name, *(f"{cell:.{digits}f} {self.unit}" for cell in cells), self.note]


def table(rows: Iterable[Sequence[str]], heads: Sequence[str]) -> str:
    """Write a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def machine() -> str:
    """Describe what was measured on, in words that name no host."""
    words = f"{platform.python_implementation()} {platform.python_version()}, {platform.system()}"
    return f"{words}, {platform.machine()}, {os.cpu_count()} cores of which one was used"


def markdown(series: Iterable[Series], inside: Mapping[str, float], corpus: str) -> str:
    """Write the page of the documentation."""
    heads = ("what", "median", "minimum", "maximum", "")
    phases = {name: value for name, value in inside.items() if not name.startswith("ASQ")}
    rules = sorted(((value, name) for name, value in inside.items() if name.startswith("ASQ")), reverse=True)
    return "\n".join(
        [
            "# Benchmarks\n",
            "`python -m benchmarks` in a checkout downloads pinned projects from PyPI, runs everything in turn",
            "on one core and writes this page. `1 x` is the CPU time of `ast.parse` for the same files.",
            "Of plugins, what flake8 itself does with their findings is left out.",
            "[Growth](growth.md) shows how the time grows with a project.\n",
            f"Measured on {today()}: {machine()}. {corpus}\n",
            table((item.row() for item in series), heads),
            "## By phase\n",
            table(([name, f"{value:.3f} x"] for name, value in phases.items()), ("phase", "CPU")),
            "## By rule\n",
            "A rule that is the first to ask for a type pays for it, so that these are upper bounds.\n",
            table(([name, f"{value:.4f} x"] for value, name in rules[:25]), ("rule", "CPU")),
        ]
    )


def today() -> str:
    """Return the date, in words."""
    return f"{datetime.datetime.now(datetime.timezone.utc):%d %B %Y}"


def document(series: Iterable[Series], inside: Mapping[str, float], corpus: str) -> dict[str, Any]:
    """Return all of it for a JSON file."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    found = [asdict(item) for item in series]
    return {"version": 1, "date": now, "machine": machine(), "corpus": corpus, "series": found, "inside": dict(inside)}
