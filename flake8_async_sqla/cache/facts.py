"""How the facts that findings depend on are now."""

from __future__ import annotations

import functools
import os

from flake8_async_sqla.semantics.files.source import MARKERS, entries, find_root, python_files, read_bytes
from flake8_async_sqla.semantics.files.watching import CHANGING, Record, content_digest, kind_of, listing_digest

Fact = tuple[str, str]


class Facts:
    """The state of the file system, each fact looked at once."""

    def __init__(self) -> None:
        """Start with nothing looked at."""
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
        found = (entry for entry in self._entries(directory) if entry.name in MARKERS)
        return any(not entry.is_symlink() or os.path.exists(entry.path) for entry in found)

    def _look(self, kind: str, path: str) -> str:
        match kind:
            case "file":
                return content_digest(read_bytes(path))
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
