"""The findings of earlier runs, each with the state of all that it depends on."""

from __future__ import annotations

import functools
import operator
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from flake8_async_sqla.cli.cache.closure import closures
from flake8_async_sqla.cli.cache.facts import Fact, Facts
from flake8_async_sqla.cli.cache.store import Store
from flake8_async_sqla.semantics import watching


class Kept(NamedTuple):
    """A finding as it is reported.

    Attributes:
        code: Its code.
        message: Its message.
        line: 1-based line.
        column: 1-based column.
        end_line: 1-based line of its end.
        end_column: 1-based column after its last character.
    """

    code: str
    message: str
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def fix(self) -> None:
        """No fix: it would change nodes of a tree that is gone."""


class _Entry(NamedTuple):
    digest: str
    mask: int
    findings: list[Kept]


class Results:
    """The findings of the files of one working directory, for the same tool and options."""

    def __init__(self, store: Store, name: str) -> None:
        """Load what was saved under a name."""
        self._store, self._name = store, name
        self._now = Facts()
        self._record = watching.Record()
        self._facts: list[Fact] = []
        self._digests: list[str] = []
        self._entries: dict[str, _Entry] = {}
        self._looked = self._changed = 0
        self._found: dict[str, tuple[str, list[Kept]]] = {}
        self._stale: set[str] = set()
        if (saved := store.load(name)) is not None:
            masks = [int(mask, 16) for mask in saved["masks"]]
            self._facts = [(kind, path) for kind, path, _ in saved["facts"]]
            self._digests = [digest for _, _, digest in saved["facts"]]
            for file, (digest, mask, findings) in saved["files"].items():
                self._entries[file] = _Entry(digest, masks[mask], [Kept(*finding) for finding in findings])

    def known(self, name: str) -> list[Kept] | None:
        """Return the findings of a file, if neither it nor anything that they depend on has changed.

        Args:
            name: The file as it was listed.
        """
        entry = self._entries.get(name)
        if entry is None:
            return None
        if entry.digest == self._now(("file", os.path.abspath(name))) and self._current(entry.mask):
            return entry.findings
        self._stale.add(name)
        return None

    def _current(self, mask: int) -> bool:
        for bit in _bits(mask & ~self._looked):
            if self._now(self._facts[bit]) != self._digests[bit]:
                self._changed |= 1 << bit
        self._looked |= mask
        return not mask & self._changed

    @contextmanager
    def watched(self, name: str, data: bytes) -> Iterator[list[Kept]]:
        """Note what is asked for while a file is checked.

        Args:
            name: The file as it was listed.
            data: What it holds.

        Yields:
            Where to put its findings; they are kept if no exception ends the block.
        """
        findings: list[Kept] = []
        path = os.path.abspath(name)
        directory = os.path.dirname(path)
        watching.record, before = self._record, watching.record
        self._record.enter(("check", name))
        try:
            self._record.looked(("file", path), watching.content_digest(data))
            self._record.looked(("root", directory), root := self._now(("root", directory)))
            self._record.looked(("file", project := os.path.join(root, "pyproject.toml")), self._now(("file", project)))
            yield findings
        finally:
            self._record.leave()
            watching.record = before
        self._found[name] = watching.content_digest(data), findings

    def save(self) -> None:
        """Save what was found, with what still holds of earlier runs."""
        if not self._found and not self._stale:
            return
        bits = {fact: bit for bit, fact in enumerate(self._facts)}
        reached = closures(self._record.needs, [("check", name) for name in self._found], bits)
        masks = {name: reached.get(("check", name), 0) for name in self._found}
        digests = self._renewed(list(bits), _union(masks.values()))
        changed = _union(1 << bit for bit, digest in enumerate(self._digests) if digests[bit] != digest)
        kept = {name: entry for name, entry in self._entries.items() if self._keeps(name, entry, changed)}
        kept.update((name, _Entry(digest, masks[name], found)) for name, (digest, found) in self._found.items())
        self._store.save(self._name, _content(list(bits), digests, kept))

    def _renewed(self, facts: list[Fact], seen: int) -> list[str]:
        """Digest all facts: those that were seen in this run as they were, the others as they are known."""
        now = Facts()
        now.learn(self._record.digests)
        return [now(fact) if seen >> bit & 1 else self._digests[bit] for bit, fact in enumerate(facts)]

    def _keeps(self, name: str, entry: _Entry, changed: int) -> bool:
        return not (name in self._found or name in self._stale or entry.mask & changed) and os.path.exists(name)


def _content(facts: list[Fact], digests: list[str], entries: dict[str, _Entry]) -> dict[str, object]:
    """Make what is saved; facts that no file depends on any more are left out."""
    numbers = {mask: number for number, mask in enumerate(dict.fromkeys(entry.mask for entry in entries.values()))}
    used = sorted(_bits(_union(numbers)))
    places = {bit: place for place, bit in enumerate(used)}
    masks = list(numbers)
    if len(used) < len(facts):
        masks = [_union(1 << places[bit] for bit in _bits(mask)) for mask in masks]
    return {
        "facts": [[*facts[bit], digests[bit]] for bit in used],
        "masks": [f"{mask:x}" for mask in masks],
        "files": {name: [entry.digest, numbers[entry.mask], entry.findings] for name, entry in entries.items()},
    }


def _union(masks: Iterable[int]) -> int:
    return functools.reduce(operator.or_, masks, 0)


def _bits(mask: int) -> Iterator[int]:
    """Yield the numbers of the bits that are set."""
    text = f"{mask:b}"
    place = text.find("1")
    while place >= 0:
        yield len(text) - 1 - place
        place = text.find("1", place + 1)
