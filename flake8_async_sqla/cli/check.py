"""``check``: list the findings."""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from flake8_async_sqla import INTERNAL_ERROR
from flake8_async_sqla.cache.results import Results
from flake8_async_sqla.cli.discovery import listed
from flake8_async_sqla.cli.errors import UserError
from flake8_async_sqla.cli.formats import formatter
from flake8_async_sqla.cli.formats.problem import OwnFormatter, Problem
from flake8_async_sqla.cli.progress import watched
from flake8_async_sqla.cli.reported import File, Kept, Reported, read
from flake8_async_sqla.semantics.files.source import decode
from flake8_async_sqla.semantics.files.watching import content_digest

if TYPE_CHECKING:
    from flake8_async_sqla.cli.flake8_bridge import Configuration
    from flake8_async_sqla.cli.setup import Setup


def run(setup: Setup, *, force_exclude: bool = False) -> int:
    """List the findings.

    Args:
        setup: The options.
        force_exclude: Leave out named files below an excluded directory too.

    Returns:
        0 when there are none or ``--exit-zero`` is given, 1 when there are some, 2 when a file could not be checked.
    """
    from flake8.statistics import Statistics

    options, output = setup.options, formatter(setup)
    paths = listed(options, force_exclude=force_exclude)
    results = setup.opened(paths)
    statistics = Statistics()
    count, failed = 0, False
    output.start()
    try:
        for path in watched(paths):
            name = options.stdin_display_name if path == "-" else path
            output.beginning(name)
            try:
                for problem in _problems(path, setup, results, isinstance(output, OwnFormatter) and output.shows_fixes):
                    count += 1
                    statistics.record(problem)
                    output.handle(problem)
            except UserError as error:
                failed = True
                print(error, file=sys.stderr)
                if isinstance(output, OwnFormatter):
                    output.failed(path, str(error))
            else:
                output.finished(name)
        if options.statistics:
            output.show_statistics(statistics)
        if options.count:
            print(count)
    finally:
        output.stop()
        if results is not None:
            results.save()
    return 2 if failed else 1 if count and not options.exit_zero else 0


def _problems(path: str, setup: Setup, results: Results | None, anew: bool) -> Iterator[Problem]:
    """Yield the findings of a file, from the cache where it has them.

    Args:
        path: The file.
        setup: The options.
        results: The cache.
        anew: Whether findings need the nodes that they are about, and so must be found anew.
    """
    if results is None:
        file, items = _checked(path, read(path), setup.configuration, anew)
    elif (known := results.known(path, results.file_digest(path))) is not None and not (known and anew):
        if not known:
            return
        source = read(path)
        file = File(path, source, ast.Module([], []), _lines(source))
        items = [Reported.of_kept(Kept(*row)) for row in known]
    else:
        source = read(path)
        with results.watched(path, digest := content_digest(source), digest) as keep:
            file, items = _checked(path, source, setup.configuration, anew)
            if not any(item.finding.code == INTERNAL_ERROR for item in items):
                keep([item.kept() for item in items])
    for item in items:
        yield Problem.of(item, file)


def _checked(path: str, source: bytes, configuration: Configuration, anew: bool) -> tuple[File, list[Reported]]:
    from flake8_async_sqla.cli.files import parse, parsed, reported

    name = configuration.stdin_name if path == "-" else path
    if path in configuration.options.filenames:
        file = File(name, source, *parse(name, source, configuration.settings))
    else:
        file = parsed(name, source, configuration)
    return file, reported(name, file.tree, file.lines, configuration, positions_only=not anew) if file.lines else []


def _lines(source: bytes) -> list[str]:
    text = decode(source)
    if text is None or "\r" in text:
        from flake8_async_sqla.fixes.text import Text

        text = Text.decode(source).code
    return io.StringIO(text, newline=None).readlines()
