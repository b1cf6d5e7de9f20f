"""The options of a command line, as flake8 made them of arguments and configuration files the last time."""

from __future__ import annotations

import functools
import json
import os
from argparse import Namespace
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from flake8_async_sqla import CACHE_DIRECTORY
from flake8_async_sqla.cache import installed, named
from flake8_async_sqla.cache.facts import Facts
from flake8_async_sqla.cache.results import Results
from flake8_async_sqla.cache.store import Store, configured

if TYPE_CHECKING:
    from flake8.formatting.base import BaseFormatter

    from flake8_async_sqla.cli.flake8_bridge import Configuration

_FILES = ("setup.cfg", "tox.ini", ".flake8")
_SHOWN = frozenset(
    {
        "async_sqla_cache_dir", "async_sqla_no_cache", "benchmark", "bug_report", "color", "count", "exit_zero",
        "filenames", "format", "jobs", "output_file", "quiet", "show_source", "statistics", "tee", "verbose",
    }
)  # fmt: skip


class Setup:
    """What ``check`` or ``fix`` is asked to do.

    Attributes:
        options: flake8's options.
        store: The cache; ``None`` to use none.
    """

    def __init__(self, argv: Sequence[str], directory: str | None, *, no_cache: bool = False) -> None:
        """Take the options from an earlier run, or else parse them.

        Args:
            argv: Paths and flake8's options.
            directory: Directory of the cache; ``None`` for the one that is configured.
            no_cache: Whether to use no cache, whatever is configured.

        Raises:
            UserError: flake8 refuses the arguments or the configuration.
        """
        self._argv = argv
        name = named("options", installed(), os.environ.get("HOME"), os.environ.get("NO_COLOR"), *argv)
        self.store = None if no_cache else Store(directory or CACHE_DIRECTORY)
        known = self.store.load(name) if self.store is not None else None
        now = Facts({})
        if known is not None and all(now(("file", path)) == digest for path, digest in known["files"].items()):
            self.options = Namespace(**known["options"])
        else:
            self.options = self.configuration.options
            if self.store is not None and directory is None:
                self.store = configured(self.options)
            if self.store is not None and self.configuration.can_be_kept:
                files = {path: now(("file", path)) for path in _configurations(self.options)}
                content = {"files": files, "options": _plain(self.options)}
                self.store.update(name, lambda _: content)
        relevant = {key: value for key, value in _plain(self.options).items() if key not in _SHOWN}
        self._name = named("findings", relevant)

    def opened(self, paths: Collection[str]) -> Results | None:
        """Open the cache of findings, if there is one and no path is standard input."""
        if self.store is None or "-" in paths:
            return None
        return Results(self.store, self._name, self.options.async_sqla_root or None)

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
