"""``check``: the findings, as flake8 prints them."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from flake8_async_sqla.cli.errors import UserError
from flake8_async_sqla.cli.files import parse, read, reported
from flake8_async_sqla.cli.flake8_bridge import Configuration


def run(argv: Sequence[str]) -> int:
    """List the findings.

    Args:
        argv: Paths and flake8's options.

    Returns:
        0 when there are none, 1 when there are some, 2 when a file could not be checked.
    """
    configuration = Configuration(argv)
    count = failed = 0
    for path in configuration.files():
        name = configuration.stdin_name if path == "-" else path
        try:
            tree, lines = parse(name, read(path))
            for item in reported(name, tree, lines, configuration):
                count += 1
                print(f"{name}:{item.line}:{item.column}: {item.finding.code} {item.finding.message}")
        except UserError as error:
            failed += 1
            print(error, file=sys.stderr)
    return 2 if failed else 1 if count else 0
