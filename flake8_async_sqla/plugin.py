"""The flake8 plugin. Nothing else is imported until a file is checked, so that ``flake8 --version`` stays fast."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from flake8_async_sqla import CACHE_DIRECTORY, INTERNAL_ERROR, __version__

if TYPE_CHECKING:
    from flake8_async_sqla.linting import Linter


class Plugin:
    """flake8's view of the linter; one instance is made for each file."""

    name = "flake8-async-sqla"
    version = __version__
    linter: ClassVar[Linter | None] = None

    def __init__(self, tree: ast.Module, lines: Sequence[str], filename: str) -> None:
        """Take the file.

        Args:
            tree: The file's tree.
            lines: Its lines.
            filename: Its path as flake8 was given it, or the display name of standard input.
        """
        self.tree = tree
        self.lines = lines
        self.filename = filename

    @staticmethod
    def add_options(manager: Any) -> None:
        """Register the options with flake8's option manager."""
        manager.add_option(
            "--async-sqla-target",
            default="2.0,2.1",
            parse_from_config=True,
            comma_separated_list=True,
            help="SQLAlchemy series the project supports: 1.4, 2.0, 2.1 (default: %(default)s)",
        )
        manager.add_option(
            "--async-sqla-app",
            default="auto",
            parse_from_config=True,
            help="whether the project is an async application: auto, always, never (default: %(default)s)",
        )
        manager.add_option(
            "--async-sqla-drivers",
            default="",
            parse_from_config=True,
            comma_separated_list=True,
            help="async driver to use per database, as postgresql=asyncpg,mysql=asyncmy",
        )
        manager.add_option(
            "--async-sqla-cache-dir",
            default=CACHE_DIRECTORY,
            parse_from_config=True,
            normalize_paths=True,
            help="where findings are kept for the next run (default: %(default)s)",
        )
        manager.add_option(
            "--async-sqla-no-cache",
            action="store_true",
            parse_from_config=True,
            help="find everything anew, and keep nothing",
        )
        manager.add_option(
            "--async-sqla-root",
            default="",
            parse_from_config=True,
            normalize_paths=True,
            help="directory of the project; files outside it are never read (default: found from each file)",
        )

    @classmethod
    def parse_options(cls, manager: Any, options: Any, args: Sequence[str]) -> None:
        """Read the options.

        Raises:
            SystemExit: An option has a value that means nothing.
        """
        from flake8_async_sqla.linting import Linter
        from flake8_async_sqla.semantics.settings import SettingsError

        try:
            linter = Linter(options)
        except SettingsError as error:
            raise SystemExit(f"flake8-async-sqla: {error}") from error
        if cls.linter is not None:
            cls.linter.close()
        cls.linter = linter

    def run(self) -> Iterator[tuple[int, int, str, type]]:
        """Yield the findings of the file, as flake8 wants them."""
        assert self.linter is not None
        try:
            for line, column, text in self.linter.check(self.tree, self.lines, self.filename):
                yield line, column, text, type(self)
        except (RecursionError, MemoryError) as error:
            yield 1, 0, f"{INTERNAL_ERROR} {type(error).__name__}: the file is nested too deeply to analyse", type(self)
