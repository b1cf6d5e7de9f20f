"""``check --add-noqa``: comments that silence what is there, so that only new findings show."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from pathlib import Path

from flake8 import defaults

from flake8_async_sqla.cli.errors import UserError
from flake8_async_sqla.cli.files import opened, parse, reported
from flake8_async_sqla.cli.flake8_bridge import Configuration
from flake8_async_sqla.cli.progress import watched
from flake8_async_sqla.cli.reported import File, Reported
from flake8_async_sqla.fixes.text import Refused, Splice, Text
from flake8_async_sqla.fixes.write import NotWritten, root_of, write


def add_noqa(argv: Sequence[str], *, force_exclude: bool = False) -> int:
    """Silence all findings by ``# noqa`` comments.

    Args:
        argv: Paths and flake8's options.
        force_exclude: Leave out named files below an excluded directory too.

    Returns:
        0 when all went well, 2 when a file was left as it was.
    """
    configuration = Configuration(argv)
    count, failed = 0, False
    for path in watched(configuration.files(force_exclude=force_exclude)):
        try:
            if path == "-":
                raise UserError("--add-noqa writes into files; it cannot take standard input")
            file = opened(path, configuration)
            items = reported(file.name, file.tree, file.lines, configuration)
            if items:
                write(Path(path), silenced(file, items, configuration), old=file.source, root=root_of(Path(path)))
                count += len(items)
        except (UserError, NotWritten) as error:
            failed = True
            print(error, file=sys.stderr)
    print(f"Silenced {count} {'finding' if count == 1 else 'findings'}.", file=sys.stderr)
    return 2 if failed else 0


def silenced(file: File, items: list[Reported], configuration: Configuration) -> bytes:
    """Return the source with a ``# noqa`` for each finding.

    Args:
        file: The file.
        items: Its findings.
        configuration: flake8's options.

    Raises:
        UserError: The comments would change the program or would not silence the findings.
    """
    view = configuration.view(file.name, file.lines)
    codes: dict[int, set[str]] = {}
    for item in items:
        codes.setdefault(view.last_line(item.line), set()).add(item.finding.code)
    try:
        text = Text.decode(file.source)
        source = text.spliced(_comment(text, line, sorted(found)) for line, found in codes.items()).encode()
    except Refused as error:
        raise UserError(f"{file.name}: {error}") from None
    tree, lines = parse(file.name, source, configuration.settings)
    if ast.dump(tree) != ast.dump(file.tree):
        raise UserError(f"{file.name}: a comment cannot stand there without changing the program")
    if left := reported(file.name, tree, lines, configuration):
        raise UserError(f"{file.name}:{left[0].line}: a comment does not silence {left[0].finding.code}")
    return source


def _comment(text: Text, line: int, codes: list[str]) -> Splice:
    start, end = text.line_start(line), text.line_end(line)
    row = text.code[start:end].rstrip()
    known = defaults.NOQA_INLINE_REGEXP.search(row)
    if known is not None and known.groupdict()["codes"]:
        at = start + len(row[: known.end("codes")].rstrip(", \t"))
        return Splice(at, at, f",{','.join(codes)}")
    return Splice(start + len(row), start + len(row), f"  # noqa: {','.join(codes)}")
