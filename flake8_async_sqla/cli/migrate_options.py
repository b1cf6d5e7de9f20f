"""The options of ``migrate``."""

from __future__ import annotations

import argparse
from collections.abc import Callable

STAGES = ("query", "loading", "flip", "all")
_EPILOG = """\
Without --write a unified diff is printed and nothing is written. All files are written or none. Files that hang
together with something that cannot be migrated stay as they are, and the report says why.
exit codes: 0 migrated, or nothing to do; 1 something was refused or, without --write, would change; 2 an error
"""


def add_migrate(command: Callable[[str, str, str | None, str | None], argparse.ArgumentParser]) -> None:
    """Add the command to the parser.

    Args:
        command: Makes the parser of a command: its name, what it does, its usage and what follows the options.
    """
    usage = "migrate SRC... [--tests DIR...] [--diff | --write] [OPTIONS]"
    parser = command("migrate", "turn a synchronous project into an asynchronous one", usage, _EPILOG)
    parser.add_argument("sources", nargs="+", metavar="SRC", help="files and directories of the program")
    parser.add_argument("--tests", nargs="+", default=[], metavar="DIR", help="files and directories of its tests")
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--diff", action="store_true", help="show what would change, and write nothing (default)")
    either.add_argument("--write", action="store_true", help="write the files")
    parser.add_argument("--stage", choices=STAGES, default="all", help="what to do: one stage, or all of them")
    parser.add_argument(
        "--driver", action="append", default=[], metavar="DATABASE=DRIVER", help="async driver to use, commas between"
    )
    parser.add_argument(
        "--bridge",
        action="store_true",
        help="leave functions as they are that only work with a session they are given, and call them by run_sync()",
    )
    parser.add_argument("--threads", action="store_true", help="hand calls that block the event loop to threads")
    parser.add_argument("--report", metavar="FILE", help="write a report: FILE.html, FILE.md or FILE.json")
