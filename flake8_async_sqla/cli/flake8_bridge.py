"""flake8's own reading of options, configuration, exclusions, per-file-ignores and ``# noqa``.

All that is not flake8's public interface is used here and nowhere else; a contract test compares the answers with those
of every supported flake8.
"""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Collection, Sequence
from typing import Any

from flake8 import exceptions, processor, style_guide
from flake8.formatting.base import BaseFormatter
from flake8.options import parse_args
from flake8.plugins import reporter
from flake8.plugins.finder import Plugins

from flake8_async_sqla.cli.discovery import listed
from flake8_async_sqla.cli.errors import UserError
from flake8_async_sqla.selection import selected
from flake8_async_sqla.semantics.settings import Settings

PREFIX = "ASQ"


class Configuration:
    """What flake8's arguments and configuration file say.

    Attributes:
        settings: The options of the plugin.
        codes: The rules to run.
    """

    def __init__(self, argv: Sequence[str]) -> None:
        """Read arguments as flake8 does; the rules of the plugin count as selected when no ``select`` names one.

        Raises:
            UserError: flake8 refuses the arguments or the configuration.
        """
        plugins, options = _parsed(argv)
        if options.select and not any(code.startswith(PREFIX) for code in options.select):
            plugins, options = _parsed([*argv, f"--select={','.join([*options.select, PREFIX])}"])
        if os.environ.get("NO_COLOR") and options.color == "auto":
            options.color = "never"
        self._plugins, self._options = plugins, options
        self._guides = style_guide.StyleGuideManager(self._options, _Silent())  # type: ignore[arg-type]
        self.settings = Settings.from_options(self._options)
        self.codes = selected(self._options)

    @property
    def options(self) -> Namespace:
        """All options, as flake8 parsed them."""
        return self._options

    @property
    def can_be_kept(self) -> bool:
        """Whether the options depend on nothing but arguments, configuration files and what is installed."""
        local = any(loaded.plugin.package == "local" for loaded in self._plugins.all_plugins())
        return not local and not self._options.verbose

    def files(self, *, force_exclude: bool = False) -> list[str]:
        """Return the files to look at, as flake8 would; ``-`` is standard input.

        Args:
            force_exclude: Leave out files below an excluded directory too; flake8 takes those that are named.
        """
        return listed(self._options, force_exclude=force_exclude)

    def formatter(self, also: Collection[str] = (), *, any_format: bool = False) -> BaseFormatter:
        """Return the formatter that flake8 would use.

        Args:
            also: Names of formats that flake8 does not know, for the message.
            any_format: Whether an unknown format is none of our concern.

        Raises:
            UserError: ``--format`` names none.
        """
        name, known = self._options.format, self._plugins.reporters
        if not any_format and not self._options.quiet and name not in known and "%" not in name:
            raise UserError(f"--format: unknown format {name!r}; there are {', '.join(sorted({*known, *also}))}")
        return reporter.make(known, self._options)

    @property
    def stdin_name(self) -> str:
        """The path that standard input stands for."""
        return str(self._options.stdin_display_name)

    def view(self, path: str, lines: Sequence[str]) -> View:
        """Return what flake8 makes of a file's comments.

        Args:
            path: The path as flake8 lists it.
            lines: The file's lines, without a byte order mark.
        """
        return View(self._guides, self._options, path, lines)


class View:
    """One file, as flake8 sees it."""

    def __init__(
        self, guides: style_guide.StyleGuideManager, options: Namespace, path: str, lines: Sequence[str]
    ) -> None:
        """Use `Configuration.view`."""
        self._guides = guides
        self._path = path
        self._file = processor.FileProcessor(path, options, lines=list(lines))
        self.skipped = self._file.should_ignore_file()
        """Whether ``# flake8: noqa`` stands in the file."""

    def reports(self, code: str, line: int, column: int, text: str) -> bool:
        """Return whether flake8 would report a finding.

        Args:
            code: Its code.
            line: 1-based line.
            column: 0-based column in characters.
            text: The message.
        """
        comments = self._file.noqa_line_for(line)
        return bool(self._guides.handle_error(code, self._path, line, column, text, comments))

    def last_line(self, line: int) -> int:
        """Return the line on which flake8 looks for the comment of a line: the last one of a string or continuation."""
        joined = self._file.noqa_line_for(line) or ""
        more, first = joined.rstrip("\n").count("\n"), line
        while more and first > 1 and self._file.noqa_line_for(first - 1) == joined:
            first -= 1
        return first + more


class _Silent:
    """A formatter that prints nothing."""

    def handle(self, error: Any) -> None:
        """Ignore a finding."""


def _parsed(argv: Sequence[str]) -> tuple[Plugins, Namespace]:
    try:
        plugins, options = parse_args.parse_args(list(argv))
    except SystemExit as stop:
        if not isinstance(stop.code, str):
            raise
        raise UserError(stop.code.removeprefix("flake8-async-sqla: ")) from None
    except (exceptions.Flake8Exception, ValueError, OSError) as error:
        raise UserError(f"flake8 refuses its configuration: {' '.join(str(error).split())}") from None
    if not hasattr(options, "async_sqla_target"):
        raise UserError("flake8 does not find the plugin; install flake8-async-sqla beside flake8")
    return plugins, options
