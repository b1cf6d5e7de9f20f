"""What an answer depends on: the files that were read and looked for, and on behalf of which module.

Whoever keeps answers, as the cache does, sets `record`; nobody else pays for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

try:
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

Need: TypeAlias = "str | tuple[str, str]"
"""A module, by its path; or a kind with a path: a fact as `FACTS` has it, or else something that others share."""
CHANGING = "changing"
"""The digest of a fact that was not always the same, which equals no digest."""
FACTS = frozenset({"file", "kind", "list", "root", "tree"})
"""A file's content, whether a path is a file or a directory, the modules in a directory, the root of its project, and
all modules below a directory."""


class Record:
    """What was asked for while somebody looked.

    Attributes:
        needs: What each module, or answer that modules share, was made of.
        digests: The facts that were seen, as they were.
        trees: The files that were below a directory when it was first looked below.
    """

    def __init__(self) -> None:
        """Start with nothing seen."""
        self.needs: dict[Need, set[Need]] = {}
        self.digests: dict[tuple[str, str], str] = {}
        self.trees: dict[str, list[str]] = {}
        self._under_way: list[tuple[Need, set[Need]]] = []

    def enter(self, owner: Need) -> None:
        """Begin an answer that is kept for an owner."""
        self._under_way.append((owner, set()))

    def leave(self) -> None:
        """End the answer begun last; what it depends on, those around it depend on as well."""
        owner, seen = self._under_way.pop()
        if seen:
            self.needs.setdefault(owner, set()).update(seen)
            if self._under_way:
                self._under_way[-1][1].update(seen)

    def saw(self, need: Need) -> None:
        """Note something that all answers under way depend on."""
        if self._under_way:
            self._under_way[-1][1].add(need)

    def looked(self, fact: tuple[str, str], digest: str) -> None:
        """Note a fact that all answers under way depend on, and how it is."""
        self.digest(fact, digest)
        self.saw(fact)

    def digest(self, fact: tuple[str, str], digest: str) -> None:
        """Note how a fact is."""
        if self.digests.setdefault(fact, digest) != digest:
            self.digests[fact] = CHANGING


record: Record | None = None


@contextmanager
def kept_for(owner: Need) -> Iterator[None]:
    """Note what is asked for meanwhile as what an answer depends on that is kept for an owner."""
    watcher = record
    if watcher is None:
        yield
        return
    watcher.saw(owner)
    watcher.enter(owner)
    try:
        yield
    finally:
        watcher.leave()


def share(owner: Need, need: Need) -> None:
    """Note what an answer depends on that is kept for an owner, though it was not asked on behalf of it."""
    if record is not None and owner != need:
        record.needs.setdefault(owner, set()).add(need)


def content_digest(data: bytes | None) -> str:
    """Digest the content of a file; empty for one that cannot be read."""
    return "" if data is None else blake2b(data, digest_size=16).hexdigest()


def kind_of(path: str) -> str:
    """Say whether a path is a ``file`` or a ``directory``; empty for neither."""
    return "file" if os.path.isfile(path) else "directory" if os.path.isdir(path) else ""


def listing_digest(entries: Iterable[os.DirEntry[str]]) -> str:
    """Digest what can be imported from a directory: its Python files and directories, and where links lead.

    Args:
        entries: What is in the directory, in a fixed order.
    """
    names = []
    for entry in entries:
        is_directory = entry.name.isidentifier() and entry.name != "__pycache__" and os.path.isdir(entry.path)
        if is_directory or entry.name.endswith(".py"):
            names.append(f"{entry.name}/" if is_directory else entry.name)
            if entry.is_symlink():
                names.append(os.path.realpath(entry.path))
    return content_digest("\0".join(names).encode("utf-8", "replace"))
