"""Time one flake8 plugin file by file, each file's `ast.parse` beside it.

Runs as a script in the environment of any plugin: ``worker.py PLUGIN [OPTIONS] < files``, where ``PLUGIN`` is the name
of its distribution, ``core`` for flake8 without plugins, or ``parse`` for nothing but `ast.parse`. What a plugin does
at the end of the process counts for the last file. What flake8 itself does with a finding, as reading all tokens for
the first ``# noqa``, counts for none.
"""

from __future__ import annotations

import ast
import atexit
import json
import resource
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

clock = time.process_time_ns


def main() -> None:
    """Print the nanoseconds of CPU for each file, and the kilobytes that the process took at most."""
    warnings.simplefilter("ignore")
    names = sys.stdin.read().splitlines()
    check = _check(sys.argv[1])
    parsed, checked = [], []
    for name in names:
        with open(name, "rb") as stream:
            source = stream.read()
        before = clock()
        tree = ast.parse(source)
        parsed.append(clock() - before)
        work = check(name, tree)
        before = clock()
        work()
        checked.append(clock() - before)
    before = clock()
    atexit._run_exitfuncs()
    checked[-1] += clock() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"parsed": parsed, "checked": checked, "memory": memory}))


def _check(plugin: str) -> Callable[[str, ast.Module], Callable[[], Any]]:
    """Return what prepares the work on a file; the work alone is timed."""
    if plugin == "parse":
        return lambda name, tree: lambda: None
    from flake8.checker import FileChecker
    from flake8.options.parse_args import parse_args
    from flake8.plugins.finder import Checkers

    plugins, options = parse_args(["--isolated", *sys.argv[2:]])
    trees = [loaded for loaded in plugins.checkers.tree if loaded.plugin.package.lower().replace("_", "-") == plugin]
    if plugin != "core" and not trees:
        raise SystemExit(f"{plugin} is not installed")

    def check(name: str, tree: ast.Module) -> Callable[[], Any]:
        kinds = Checkers(tree=trees, logical_line=[], physical_line=[])
        if plugin == "core":
            return lambda: FileChecker(filename=name, plugins=kinds, options=options).run_checks()
        checker: Any = FileChecker(filename=name, plugins=kinds, options=options)
        checker.processor.build_ast = lambda: tree
        checker.report = lambda **finding: None
        return lambda: checker.run_ast_checks()

    return check


if __name__ == "__main__":
    main()
