"""The options of a command line, as flake8 made them of arguments and configuration files the last time."""

from __future__ import annotations

import functools
import json
import os
from argparse import Namespace
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from flake8_async_sqla.cli.cache import tool
from flake8_async_sqla.cli.cache.facts import Facts
from flake8_async_sqla.cli.cache.store import Store
from flake8_async_sqla.semantics.watching import content_digest

if TYPE_CHECKING:
    from flake8.formatting.base import BaseFormatter

    from flake8_async_sqla.cli.flake8_bridge import Configuration

_FILES = ("setup.cfg", "tox.ini", ".flake8")
_SHOWN = frozenset(
    {
        "benchmark", "bug_report", "color", "count", "exit_zero", "filenames", "format", "jobs", "output_file", "quiet",
        "show_source", "statistics", "tee", "verbose",
    }
)  # fmt: skip


class Setup:
    """What ``check`` is asked to do.

    Attributes:
        options: flake8's options.
        results: The name under which the findings of these options are kept.
    """

    def __init__(self, argv: Sequence[str], store: Store | None) -> None:
        """Take the options from an earlier run, or else parse them.

        Args:
            argv: Paths and flake8's options.
            store: The cache; ``None`` to use none.

        Raises:
            UserError: flake8 refuses the arguments or the configuration.
        """
        self._argv = argv
        name = "options-" + _digest([tool(), os.getcwd(), os.environ.get("HOME"), os.environ.get("NO_COLOR"), *argv])
        known = store.load(name) if store is not None else None
        now = Facts()
        if known is not None and all(now(("file", path)) == digest for path, digest in known["files"].items()):
            self.options = Namespace(**known["options"])
        else:
            self.options = self.configuration.options
            if store is not None and self.configuration.can_be_kept:
                files = {path: now(("file", path)) for path in _configurations(self.options)}
                store.save(name, {"files": files, "options": _plain(self.options)})
        relevant = {key: value for key, value in _plain(self.options).items() if key not in _SHOWN}
        self.results = "findings-" + _digest([tool(), os.getcwd(), relevant])

    @functools.cached_property
    def configuration(self) -> Configuration:
        """The whole configuration, with everything that is installed for flake8."""
        from flake8_async_sqla.cli.flake8_bridge import Configuration

        return Configuration(self._argv)

    @property
    def codes(self) -> Collection[str]:
        """The rules to run."""
        return self.configuration.codes

    def formatter(self, also: Collection[str]) -> BaseFormatter:
        """Return the formatter that flake8 would use; see `Configuration.formatter`."""
        return self.configuration.formatter(also)


def _configurations(options: Namespace) -> Iterator[str]:
    """Yield the files that flake8 may read options from, whether they exist or not."""
    yield from (os.path.abspath(path) for path in (options.config, *options.append_config) if path)
    directory = os.getcwd()
    while True:
        yield from (os.path.join(directory, name) for name in _FILES)
        if os.path.dirname(directory) == directory:
            return
        directory = os.path.dirname(directory)


def _plain(options: Namespace) -> dict[str, Any]:
    found = {}
    for key, value in sorted(vars(options).items()):
        try:
            found[key] = json.loads(json.dumps(value, default=sorted))
        except TypeError:
            found[key] = str(value)
    return found


def _digest(parts: Sequence[object]) -> str:
    return content_digest(json.dumps(parts).encode())
