"""Where the time goes inside the plugin: by phase and by rule. Runs as a script: ``inside.py < files``."""

from __future__ import annotations

import ast
import json
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from flake8_async_sqla.rules import load
from flake8_async_sqla.rules import run as running
from flake8_async_sqla.semantics.files.project import Project
from flake8_async_sqla.semantics.names.index import Index
from flake8_async_sqla.semantics.settings import Settings

clock = time.process_time_ns
spent: Counter[str] = Counter()
under_way: list[list[int]] = []


def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Count the time of a function without that of other timed functions inside it."""

    def measured(*args: Any, **kwargs: Any) -> Any:
        inner = [0]
        under_way.append(inner)
        before = clock()
        try:
            found = function(*args, **kwargs)
            return list(found) if isinstance(found, Iterator) else found
        finally:
            whole = clock() - before
            spent[name] += whole - inner[0]
            under_way.pop()
            if under_way:
                under_way[-1][0] += whole

    return measured


def main() -> None:
    """Print the nanoseconds of CPU by phase and by rule; a rule that asks first for what others need pays for it."""
    warnings.simplefilter("ignore")
    rules = {code: rule for code, rule in load().items() if not rule.opinion}
    for code, rule in rules.items():
        object.__setattr__(rule, "check", timed(code, rule.check))
    running.may_matter = timed("gate", running.may_matter)
    Project.load = timed("reading other files", Project.load)  # type: ignore[method-assign]
    Index.fill = timed("names and scopes", Index.fill)  # type: ignore[method-assign]
    settings, parse = Settings(), timed("ast.parse", ast.parse)
    check = timed("walk and subjects of rules", running.findings)
    for name in sys.stdin.read().splitlines():
        with open(name, "rb") as stream:
            source = stream.read()
        tree = parse(source)
        lines = source.decode("utf-8", "replace").splitlines(keepends=True)
        check(tree, lines, name, settings, frozenset(rules), positions_only=True)
    print(json.dumps(spent))


if __name__ == "__main__":
    main()
