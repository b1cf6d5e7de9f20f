"""``check``: list the findings."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from flake8.formatting.base import BaseFormatter
from flake8.statistics import Statistics

from flake8_async_sqla.cli.errors import UserError
from flake8_async_sqla.cli.files import opened, reported
from flake8_async_sqla.cli.flake8_bridge import Configuration
from flake8_async_sqla.cli.formats import formatter
from flake8_async_sqla.cli.formats.problem import OwnFormatter, Problem
from flake8_async_sqla.cli.progress import watched


def run(argv: Sequence[str], *, force_exclude: bool = False) -> int:
    """List the findings.

    Args:
        argv: Paths and flake8's options.
        force_exclude: Leave out named files below an excluded directory too.

    Returns:
        0 when there are none or ``--exit-zero`` is given, 1 when there are some, 2 when a file could not be checked.
    """
    configuration = Configuration(argv)
    options, output = configuration.options, formatter(configuration)
    statistics = Statistics()
    count, failed = 0, False
    output.start()
    try:
        for path in watched(configuration.files(force_exclude=force_exclude)):
            try:
                for problem in _problems(path, configuration, output):
                    count += 1
                    statistics.record(problem)
                    output.handle(problem)
            except UserError as error:
                failed = True
                print(error, file=sys.stderr)
                if isinstance(output, OwnFormatter):
                    output.failed(path, str(error))
        if options.statistics:
            output.show_statistics(statistics)
        if options.count:
            print(count)
    finally:
        output.stop()
    return 2 if failed else 1 if count and not options.exit_zero else 0


def _problems(path: str, configuration: Configuration, output: BaseFormatter) -> Iterator[Problem]:
    file = opened(path, configuration)
    output.beginning(file.name)
    for item in reported(file.name, file.tree, file.lines, configuration):
        yield Problem.of(item, file)
    output.finished(file.name)


def add_noqa(argv: Sequence[str], *, force_exclude: bool = False) -> int:
    """Silence all findings by ``# noqa`` comments.

    Args:
        argv: Paths and flake8's options.
        force_exclude: Leave out named files below an excluded directory too.

    Returns:
        0 when all went well, 2 when a file was left as it was.
    """
    from flake8_async_sqla.cli.baseline import silenced
    from flake8_async_sqla.fixes.write import NotWritten, write

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


def root_of(path: Path) -> Path:
    """Return the directory that a symbolic link must not leave: the working directory, or the file's own."""
    here = Path.cwd()
    return here if path.absolute().is_relative_to(here) else path.parent
