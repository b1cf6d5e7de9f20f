"""How the facts that findings depend on are now."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Mapping

from flake8_async_sqla.semantics.files.source import entries, find_root, is_marked, python_files, read_bytes
from flake8_async_sqla.semantics.files.watching import CHANGING, Record, content_digest, kind_of, listing_digest

Fact = tuple[str, str]
SETTLED = 2_000_000_000
"""Nanoseconds after which a file is old enough that whoever writes it again changes its times too."""


def stamp(path: str, before: int = 0) -> str:
    """Say what changes whenever a file is written: its size, its times, and where it lies.

    Args:
        path: The file.
        before: When it must have been written last, in nanoseconds since the epoch, lest it say nothing.
    """
    try:
        status = os.stat(path)
    except OSError:
        return ""
    times = status.st_mtime_ns, status.st_ctime_ns
    return "" if before and max(times) > before else f"{status.st_size} {times[0]} {times[1]} {status.st_ino}"


class Facts:
    """The state of the file system, each fact looked at once."""

    def __init__(self, stamps: Mapping[str, tuple[str, str]]) -> None:
        """Start with nothing looked at.

        Args:
            stamps: What `stamp` said of files, and their digest then: while it says the same, they need not be read.
        """
        self.began = time.time_ns()
        self._stamps = stamps
        self._known: dict[Fact, str] = {}
        self._trees: dict[str, list[str]] = {}
        self._entries = functools.cache(entries)
        self._has_marker = functools.cache(self._holds_marker)

    def __call__(self, fact: Fact) -> str:
        """Digest a fact; `flake8_async_sqla.semantics.files.watching` says what there are."""
        if (known := self._known.get(fact)) is None:
            known = self._known[fact] = self._look(*fact)
        return known

    def learn(self, record: Record) -> None:
        """Take facts as somebody else saw them, rather than looking again."""
        self._known.update(record.digests)
        self._trees = record.trees

    def _holds_marker(self, directory: str) -> bool:
        found = self._entries(directory)
        names = {entry.name for entry in found if not entry.is_symlink() or os.path.exists(entry.path)}
        return is_marked(names.__contains__)

    def _look(self, kind: str, path: str) -> str:
        match kind:
            case "file":
                then, digest = self._stamps.get(path, ("", ""))
                return digest if then and then == stamp(path) else content_digest(read_bytes(path))
            case "kind":
                return kind_of(path)
            case "list":
                return listing_digest(self._entries(path))
            case "tree":
                files = list(python_files(path, self._entries))
                if self._trees.get(path, files) != files:
                    return CHANGING
                parts = (f"{file}\0{self(('file', file))}" for file in files)
                return content_digest("\0".join(parts).encode("utf-8", "replace"))
            case "root":
                return find_root(os.path.join(path, "_"), self._has_marker)
        return ""
