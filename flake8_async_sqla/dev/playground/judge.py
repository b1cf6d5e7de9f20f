"""What the playground shows for a piece of code: what the commands ``check`` and ``fix --diff`` say about it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from flake8_async_sqla.cli import main
from flake8_async_sqla.rules import load

NAME = "app.py"


def judged(source: str, options: Sequence[str] = (), fixes: Sequence[str] = ()) -> str:
    """Check a module, and fix it.

    Args:
        source: Its code.
        options: Options for both commands, as ``--async-sqla-target=2.1``.
        fixes: Options for ``fix`` alone.

    Returns:
        A JSON document with ``findings`` as ``check --format json`` lists them, each with the ``summary`` of its rule;
        ``errors``, what kept the file from being checked; ``diff``; and ``notes``, what the fixer says.
    """
    with _inside(tempfile.mkdtemp()):
        Path("pyproject.toml").touch()
        Path(NAME).write_text(source, encoding="utf-8", newline="")
        report, errors = _said("check", "--isolated", "--format=json", *options, NAME)
        diff, notes = _said("fix", "--isolated", "--diff", *fixes, *options, NAME)
    findings = json.loads(report)["findings"] if report else []
    rules = load()
    for finding in findings:
        finding["summary"] = rules[finding["code"]].summary if finding["code"] in rules else ""
    return json.dumps({"findings": findings, "errors": errors, "notes": notes, "diff": diff})


@contextlib.contextmanager
def _inside(folder: str) -> Iterator[None]:
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        shutil.rmtree(folder)


def _said(*arguments: str) -> tuple[str, str]:
    """Run a command.

    Returns:
        What it wrote to standard output and to standard error.
    """
    output, errors = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        main(arguments)
    return _text(output), _text(errors)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()


def without_native_parser() -> None:
    """Let LibCST parse in Python, as it must in a browser."""
    from flake8_async_sqla.dev.playground import native

    sys.modules["libcst.native"] = native
