"""``fix``: repair files, or show what would be repaired."""

from __future__ import annotations

import difflib
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from flake8_async_sqla.cli.errors import UserError
from flake8_async_sqla.cli.files import read
from flake8_async_sqla.cli.flake8_bridge import Configuration
from flake8_async_sqla.cli.repair import Repair, repaired
from flake8_async_sqla.fixes.text import Text
from flake8_async_sqla.fixes.write import NotWritten, write


def run(argv: Sequence[str], *, diff: bool, check: bool, unsafe: bool) -> int:
    """Repair files.

    Args:
        argv: Paths and flake8's options.
        diff: Print a unified diff and write nothing.
        check: Write nothing.
        unsafe: Make unsafe fixes too.

    Returns:
        0 when all went well, 1 when something would change but nothing may be written, 2 when a file was not fixed.
    """
    configuration = Configuration(argv)
    total = Repair(b"")
    failed = False
    for path in configuration.files():
        name = configuration.stdin_name if path == "-" else path
        try:
            source = read(path)
            repair = repaired(name, source, configuration, unsafe=unsafe)
            if diff:
                _print_bytes(_difference(name, source, repair.source))
            elif path == "-" and not check:
                _print_bytes(repair.source)
            elif repair.source != source and not check:
                write(Path(path), repair.source, old=source, root=_root(Path(path)))
        except (UserError, NotWritten) as error:
            failed = True
            print(error, file=sys.stderr)
            continue
        _report(name, repair)
        _add(total, repair)
    for line in _summary(total, would=diff or check):
        print(line, file=sys.stderr)
    return 2 if failed else 1 if total.fixed and (diff or check) else 0


def _root(path: Path) -> Path:
    here = Path.cwd()
    return here if path.absolute().is_relative_to(here) else path.parent


def _difference(name: str, old: bytes, new: bytes) -> bytes:
    before, after = (Text.decode(source) for source in (old, new))
    rows = difflib.unified_diff(_rows(before), _rows(after), name, name)
    text = "".join(row if row.endswith(("\n", "\r")) else f"{row}\n\\ No newline at end of file\n" for row in rows)
    return text.encode(before.encoding, "replace")


def _rows(text: Text) -> list[str]:
    rows = [text.code[text.line_start(line) : text.line_end(line)] for line in range(1, text.line_count + 1)]
    return rows if rows[-1] else rows[:-1]


def _print_bytes(output: bytes) -> None:
    sys.stdout.buffer.write(output)
    sys.stdout.buffer.flush()


def _report(name: str, repair: Repair) -> None:
    for kind, items in (("not fixed", repair.refused), ("to be fixed by hand", repair.shown)):
        for item, reason in items:
            print(f"{name}:{item.line}:{item.column}: {item.finding.code} {kind}: {reason}", file=sys.stderr)


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
