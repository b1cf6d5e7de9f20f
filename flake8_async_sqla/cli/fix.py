"""``fix``: repair files, or show what would be repaired."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from flake8_async_sqla import INTERNAL_ERROR
from flake8_async_sqla.cache.results import Results
from flake8_async_sqla.cli.differences import difference, print_bytes
from flake8_async_sqla.cli.discovery import listed
from flake8_async_sqla.cli.errors import UserError
from flake8_async_sqla.cli.outcome import MAX_PASSES, Repair
from flake8_async_sqla.cli.policy import Policy
from flake8_async_sqla.cli.progress import watched
from flake8_async_sqla.cli.reported import Kept, Reported, read
from flake8_async_sqla.cli.setup import Setup
from flake8_async_sqla.fixes.write import NotWritten, root_of, write
from flake8_async_sqla.semantics.files.watching import content_digest


def run(setup: Setup, policy: Policy, *, diff: bool, check: bool, force_exclude: bool = False) -> int:
    """Repair files.

    Args:
        setup: The options.
        policy: Which fixes are wanted.
        diff: Print a unified diff and write nothing.
        check: Write nothing.
        force_exclude: Leave out named files below an excluded directory too.

    Returns:
        0 when all went well, 1 when something would change but nothing may be written, 2 when a file was not fixed.
    """
    paths = listed(setup.options, force_exclude=force_exclude)
    results = setup.opened(paths)
    total = Repair(b"")
    failed = False
    for path in watched(paths):
        name = setup.options.stdin_display_name if path == "-" else path
        try:
            source = read(_regular(path))
            repair = _repaired(name, source, setup, results, policy)
            if diff and repair.source != source:
                colored = setup.configuration.formatter(any_format=True).color
                print_bytes(difference(name, source, repair.source, colored))
            elif path == "-" and not check and not diff:
                print_bytes(repair.source)
            elif repair.source != source and not check:
                write(Path(path), repair.source, old=source, root=root_of(Path(path)))
                if results is not None:
                    results.look_again()
        except (UserError, NotWritten) as error:
            failed = True
            print(error, file=sys.stderr)
            continue
        _report(name, repair)
        _add(total, repair)
    if results is not None:
        results.save()
    for line in _summary(total, would=diff or check):
        print(line, file=sys.stderr)
    return 2 if failed else 1 if total.fixed and (diff or check) else 0


def _repaired(path: str, source: bytes, setup: Setup, results: Results | None, policy: Policy) -> Repair:
    """Fix a file in memory, unless the cache knows that nothing in it can be fixed."""
    if results is None:
        return _anew(path, source, setup, policy)
    digest = content_digest(source)
    if (rows := results.known(path, digest)) is not None:
        known, kept = Repair(source), [Kept(*row) for row in rows]
        if all(known.leaves(Reported.of_kept(item), item.safety, item.reason, policy) for item in kept):
            return known
    with results.watched(path, digest, digest) as keep:
        repair = _anew(path, source, setup, policy)
        if repair.source == source and not any(kept.code == INTERNAL_ERROR for kept in repair.found):
            keep(repair.found)
    return repair


def _anew(path: str, source: bytes, setup: Setup, policy: Policy) -> Repair:
    from flake8_async_sqla.cli.repair import repaired

    return repaired(path, source, setup.configuration, policy)


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
