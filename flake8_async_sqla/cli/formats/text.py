"""flake8's default format; ``--show-source`` shows all of the code at fault."""

from __future__ import annotations

from collections.abc import Iterator

from flake8.formatting.default import COLORS, COLORS_OFF, Default
from flake8.violation import Violation

from flake8_async_sqla.cli.formats.problem import Problem

MAX_ROWS = 6
"""Lines of a frame; what is longer is cut."""


class Text(Default):
    """Prints ``path:line:column: code message``, and the code below it if asked."""

    def show_source(self, error: Violation) -> str | None:
        """Return the lines at fault with their numbers, the span marked below each."""
        if not self.options.show_source or not isinstance(error, Problem):
            return ""
        return "\n".join(frame(error, COLORS if self.color else COLORS_OFF)) + "\n"


def frame(problem: Problem, colors: dict[str, str]) -> Iterator[str]:
    """Yield the rows of a code frame.

    Args:
        problem: What to show.
        colors: Escape sequences by name, as flake8 has them.
    """
    item, lines = problem.item, problem.file.lines
    last = min(item.end_line, item.line + MAX_ROWS - 1, len(lines))
    width = len(str(last))
    bar = f"{colors['cyan']}|{colors['reset']}"
    for number in range(item.line, last + 1):
        row = lines[number - 1].rstrip("\r\n")
        start = item.column - 1 if number == item.line else len(row) - len(row.lstrip())
        end = item.end_column - 1 if number == item.end_line else len(row.rstrip())
        indent = "".join(sign if sign == "\t" else " " for sign in row[:start])
        marks = "^" * max(end - start, 1)
        yield f" {colors['cyan']}{number:>{width}}{colors['reset']} {bar} {row}"
        yield f" {'':>{width}} {bar} {indent}{colors['red']}{marks}{colors['reset']}"
    if last < item.end_line:
        yield f" {'':>{width}} {bar} ..."
