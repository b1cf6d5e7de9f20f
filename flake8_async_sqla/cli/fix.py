"""``fix``: repair files, or show what would be repaired."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from flake8_async_sqla.cli.differences import difference, print_bytes
from flake8_async_sqla.cli.errors import UserError
from flake8_async_sqla.cli.files import root_of
from flake8_async_sqla.cli.flake8_bridge import Configuration
from flake8_async_sqla.cli.policy import Policy
from flake8_async_sqla.cli.progress import watched
from flake8_async_sqla.cli.repair import MAX_PASSES, Repair, repaired
from flake8_async_sqla.cli.reported import read
from flake8_async_sqla.fixes.write import NotWritten, write


def run(argv: Sequence[str], policy: Policy, *, diff: bool, check: bool, force_exclude: bool = False) -> int:
    """Repair files.

    Args:
        argv: Paths and flake8's options.
        policy: Which fixes are wanted.
        diff: Print a unified diff and write nothing.
        check: Write nothing.
        force_exclude: Leave out named files below an excluded directory too.

    Returns:
        0 when all went well, 1 when something would change but nothing may be written, 2 when a file was not fixed.
    """
    configuration = Configuration(argv)
    total = Repair(b"")
    failed = False
    colored = configuration.formatter(any_format=True).color
    for path in watched(configuration.files(force_exclude=force_exclude)):
        name = configuration.stdin_name if path == "-" else path
        try:
            source = read(_regular(path))
            repair = repaired(name, source, configuration, policy)
            if diff:
                print_bytes(difference(name, source, repair.source, colored))
            elif path == "-" and not check:
                print_bytes(repair.source)
            elif repair.source != source and not check:
                write(Path(path), repair.source, old=source, root=root_of(Path(path)))
        except (UserError, NotWritten) as error:
            failed = True
            print(error, file=sys.stderr)
            continue
        _report(name, repair)
        _add(total, repair)
    for line in _summary(total, would=diff or check):
        print(line, file=sys.stderr)
    return 2 if failed else 1 if total.fixed and (diff or check) else 0


def _regular(path: str) -> str:
    """Refuse what cannot be replaced, and may never end."""
    if path != "-" and Path(path).exists() and not Path(path).is_file():
        raise NotWritten(f"{path}: not a regular file")
    return path


def _report(name: str, repair: Repair) -> None:
    for kind, items in (("not fixed", repair.refused), ("to be fixed by hand", repair.shown)):
        for item, reason in items:
            print(f"{name}:{item.line}:{item.column}: {item.finding.code} {kind}: {reason}", file=sys.stderr)
    if repair.unfinished:
        print(f"{name}: stopped after {MAX_PASSES} passes; another run may fix more", file=sys.stderr)


def _add(total: Repair, repair: Repair) -> None:
    total.fixed += repair.fixed
    total.refused += repair.refused
    total.shown += repair.shown
    total.unsafe += repair.unsafe
    total.unfixable += repair.unfixable


def _summary(total: Repair, would: bool) -> Iterable[str]:
    verb = "Would fix" if would else "Fixed"
    if total.fixed:
        yield f"{verb} {_counted(total.fixed.total(), 'finding')} ({_by_code(total.fixed)})."
    else:
        yield "Nothing to fix." if would else "Nothing fixed."
    if total.unsafe:
        yield f"{total.unsafe} more can be fixed with --unsafe-fixes."
    left = len(total.refused) + len(total.shown) + total.unfixable
    if left:
        yield f"{_counted(left, 'finding')} left for you: 'flake8-async-sqla check' lists them."


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _by_code(counter: Counter[str]) -> str:
    return ", ".join(f"{code}: {number}" for code, number in sorted(counter.items()))
