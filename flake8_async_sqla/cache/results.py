"""The findings of earlier runs, each with the state of all that it depends on."""

from __future__ import annotations

import functools
import operator
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from flake8_async_sqla.cache.facts import SETTLED, Fact, Facts, stamp
from flake8_async_sqla.cache.store import Store
from flake8_async_sqla.semantics.files import watching


class _Entry(NamedTuple):
    digest: str
    mask: int
    findings: Sequence[Any]


class Results:
    """The findings of the files of one working directory, for the same tool and options."""

    def __init__(self, store: Store, name: str, root: str | None) -> None:
        """Load what was saved under a name.

        Args:
            store: The cache.
            name: The name.
            root: The directory of the project; ``None`` where it is found from each file.
        """
        self._store, self._name = store, name
        self._root = os.path.abspath(root) if root is not None else None
        self._record = watching.Record()
        self._found: dict[str, tuple[str, Sequence[Any]]] = {}
        self._take(store.load(name))
        self._now = self._look()

    def _take(self, saved: Any) -> None:
        self._looked = self._changed = 0
        saved = saved or {"facts": [], "masks": [], "files": {}}
        self._facts: list[Fact] = [(kind, path) for kind, path, *_ in saved["facts"]]
        self._digests: list[str] = [digest for _, _, digest, _ in saved["facts"]]
        self._stamps: list[str] = [stamped for _, _, _, stamped in saved["facts"]]
        self._masks = [int(mask, 16) for mask in saved["masks"]]
        self._files: dict[str, tuple[str, int, list[Any]]] = saved["files"]

    def _look(self) -> Facts:
        known = zip(self._facts, self._stamps, self._digests, strict=True)
        return Facts({path: (stamped, digest) for (_, path), stamped, digest in known if stamped})

    def look_again(self) -> None:
        """Forget how the files are, for one was written."""
        self._looked = self._changed = 0
        self._now = self._look()

    def file_digest(self, name: str) -> str:
        """Digest what a file holds now."""
        return self._now(("file", os.path.abspath(name)))

    def known(self, name: str, digest: str) -> list[Any] | None:
        """Return the findings of a file, if neither it nor anything that they depend on has changed.

        Args:
            name: The file as it was listed.
            digest: The digest of what it holds.
        """
        if (entry := self._files.get(name)) is None:
            return None
        digest_then, number, findings = entry
        return findings if digest_then == digest and self._current(self._masks[number]) else None

    def _current(self, mask: int) -> bool:
        for bit in _bits(mask & ~self._looked):
            if self._now(self._facts[bit]) != self._digests[bit]:
                self._changed |= 1 << bit
        self._looked |= mask
        return not mask & self._changed

    @contextmanager
    def watched(self, name: str, digest: str, file: str) -> Iterator[Callable[[Sequence[Any]], None]]:
        """Note what is asked for while a file is checked.

        Args:
            name: The file as it was listed.
            digest: The digest of what is checked.
            file: The digest of the file as others read it; `watching.CHANGING` if that is something else.

        Yields:
            What keeps its findings, as JSON has them.
        """
        path = os.path.abspath(name)
        watching.record, before = self._record, watching.record
        self._record.enter(("check", name))
        try:
            self._record.saw(path)
            self._record.digest(("file", path), file)
            if (root := self._root) is None:
                directory = os.path.dirname(path)
                self._record.looked(("root", directory), root := self._now(("root", directory)))
            self._record.looked(("file", project := os.path.join(root, "pyproject.toml")), self._now(("file", project)))
            yield lambda findings: self._found.update({name: (digest, findings)})
        finally:
            self._record.leave()
            watching.record = before

    def save(self) -> None:
        """Save what was found, with what still holds of what others have saved."""
        if self._found:
            self._store.update(self._name, self._merged)
            self._found = {}

    def _merged(self, saved: Any) -> dict[str, object]:
        from flake8_async_sqla.cache.closure import closures

        self._take(saved)
        bits = {fact: bit for bit, fact in enumerate(self._facts)}
        reached = closures(self._record.needs, [("check", name) for name in self._found], bits)
        masks = {name: reached.get(("check", name), 0) for name in self._found}
        facts, seen = list(bits), _union(masks.values())
        digests = self._renewed(facts, seen)
        stamps = self._stamped(facts, digests, seen)
        changed = _union(1 << bit for bit, digest in enumerate(self._digests) if digests[bit] != digest)
        kept = {
            name: _Entry(digest, self._masks[number], findings)
            for name, (digest, number, findings) in self._files.items()
            if name not in self._found and not self._masks[number] & changed and os.path.exists(name)
        }
        kept.update((name, _Entry(digest, masks[name], found)) for name, (digest, found) in self._found.items())
        return _content([[*fact, *told] for fact, *told in zip(facts, digests, stamps, strict=True)], kept)

    def _renewed(self, facts: list[Fact], seen: int) -> list[str]:
        """Digest all facts: those that were seen in this run as they were, the others as they are known."""
        now = self._look()
        now.learn(self._record)
        return [now(fact) if seen >> bit & 1 else self._digests[bit] for bit, fact in enumerate(facts)]

    def _stamped(self, facts: list[Fact], digests: list[str], seen: int) -> list[str]:
        """Stamp the files that were seen in this run, if they were written well before it; others keep theirs."""
        before, stamps = self._now.began - SETTLED, []
        for bit, (kind, path) in enumerate(facts):
            if not seen >> bit & 1:
                stamps.append(self._stamps[bit])
            else:
                is_settled = kind == "file" and digests[bit] != watching.CHANGING
                stamps.append(stamp(path, before) if is_settled else "")
        return stamps


def _content(facts: list[list[str]], entries: dict[str, _Entry]) -> dict[str, object]:
    """Make what is saved; facts that no file depends on any more are left out."""
    numbers = {mask: number for number, mask in enumerate(dict.fromkeys(entry.mask for entry in entries.values()))}
    used = sorted(_bits(_union(numbers)))
    places = {bit: place for place, bit in enumerate(used)}
    masks = list(numbers)
    if len(used) < len(facts):
        masks = [_union(1 << places[bit] for bit in _bits(mask)) for mask in masks]
    return {
        "facts": [facts[bit] for bit in used],
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
