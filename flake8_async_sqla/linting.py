"""What the plugin says of a file: what an earlier run found, or else what the rules find."""

from __future__ import annotations

import ast
import functools
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from flake8_async_sqla import INTERNAL_ERROR
from flake8_async_sqla.selection import possible, selected
from flake8_async_sqla.semantics.files.watching import CHANGING, content_digest
from flake8_async_sqla.semantics.gate import holds_a_word
from flake8_async_sqla.semantics.settings import Settings

if TYPE_CHECKING:
    from flake8_async_sqla.cache.results import Results

SELECTING = (
    "select", "ignore", "extend_select", "extend_ignore", "extended_default_select", "extended_default_ignore",
)  # fmt: skip
"""The options that decide which rules run."""


class Linter:
    """The rules and the cache, for the same options.

    Attributes:
        settings: The options of the plugin.
    """

    def __init__(self, options: Any) -> None:
        """Read the options; all else waits for a file, but the rules where many processes are about to need them.

        Args:
            options: flake8's parsed options.

        Raises:
            SettingsError: A value is not one of the documented ones.
        """
        self.settings = Settings.from_options(options)
        self._options = options
        self._possible = possible(options)
        self._process = 0
        self._results: Results | None = None
        self._save: Callable[[], Any] | None = None
        if self._possible and options.jobs.n_jobs != 1 and not self._is_kept():
            self.codes = selected(options)

    @functools.cached_property
    def codes(self) -> frozenset[str]:
        """The rules to run."""
        return selected(self._options)

    def _is_kept(self) -> bool:
        from flake8_async_sqla.cache.store import configured

        store = configured(self._options)
        return store is not None and store.holds(self._name)

    @functools.cached_property
    def _name(self) -> str:
        """The name under which findings are kept."""
        from flake8_async_sqla.cache import named

        options = {name: getattr(self._options, name) for name in SELECTING}
        settings = self.settings
        own = [sorted(settings.targets), settings.app, sorted(settings.drivers.items()), settings.root]
        return named("plugin", options, own)

    def check(self, tree: ast.Module, lines: Sequence[str], filename: str) -> Iterable[tuple[int, int, str]]:
        """Find what is wrong with a file.

        Args:
            tree: Its tree.
            lines: Its lines.
            filename: Its path; it need not exist.

        Returns:
            Line, from 1, and column in characters, from 0, of each finding, with its code and message.
        """
        text = "".join(lines)
        if not self._possible or not holds_a_word(text):
            return []
        if (results := self._opened()) is None:
            return self._found(tree, lines, filename)
        digest = content_digest(text.encode("utf-8", "surrogatepass"))
        if (known := results.known(filename, digest)) is not None:
            return known
        if not self.codes:
            return []
        with results.watched(filename, digest, _digest_on_disk(filename, text)) as keep:
            found = self._found(tree, lines, filename)
            if not any(message.startswith(INTERNAL_ERROR) for _, _, message in found):
                keep(found)
        return found

    def _found(self, tree: ast.Module, lines: Sequence[str], filename: str) -> list[tuple[int, int, str]]:
        if not self.codes:
            return []
        from flake8_async_sqla.rules.run import findings
        from flake8_async_sqla.semantics.files.source import characters

        found = []
        for finding in findings(tree, lines, filename, self.settings, self.codes, positions_only=True):
            line, column = getattr(finding.at, "lineno", 1), getattr(finding.at, "col_offset", 0)
            found.append((line, characters(lines, line, column), f"{finding.code} {finding.message}"))
        return found

    def _opened(self) -> Results | None:
        """Return the cache of this process, which saves itself when the process ends."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._results = self._open()
        return self._results

    def _open(self) -> Results | None:
        from multiprocessing.util import Finalize

        from flake8_async_sqla.cache.results import Results
        from flake8_async_sqla.cache.store import configured

        if (store := configured(self._options)) is None:
            return None
        if (project := sys.modules.get("flake8_async_sqla.semantics.files.project")) is not None:
            project.forget()
        results = Results(store, self._name, self.settings.root)
        self._save = Finalize(None, results.save, exitpriority=1)
        return results

    def close(self) -> None:
        """Save what was found, rather than when the process ends."""
        if self._save is not None:
            self._save()


def _digest_on_disk(filename: str, text: str) -> str:
    """Digest a file as others read it, if it holds the text that is checked."""
    from flake8_async_sqla.semantics.files.source import decode, read_bytes

    data = read_bytes(os.path.abspath(filename))
    return content_digest(data) if data is not None and decode(data) == text else CHANGING
