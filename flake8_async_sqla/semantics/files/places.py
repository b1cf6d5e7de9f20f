"""What can be imported from which directory."""

from __future__ import annotations

import os
from functools import cache

from flake8_async_sqla.semantics.files import watching
from flake8_async_sqla.semantics.files.source import entries, inside


def locate(place: str, parts: list[str]) -> str | None:
    """Find a module below a directory: ``a/b.py``, ``a/b/__init__.py``, or the directory ``a/b`` itself."""
    for part in parts[:-1]:
        if part not in listing(place):
            return None
        place = os.path.join(place, part)
    names, last = listing(place), parts[-1]
    path = os.path.join(place, last)
    if last in names and "__init__.py" in listing(path):
        return os.path.join(path, "__init__.py")
    if f"{last}.py" in names:
        return f"{path}.py"
    return path if last in names and _holds_python(path) else None


def _holds_python(path: str) -> bool:
    return any(name.endswith(".py") or os.path.isdir(os.path.join(path, name)) for name in listing(path))


@cache
def ancestors(directory: str, root: str) -> list[str]:
    """List a directory and those above it, up to the root of the project."""
    found = [directory]
    while found[-1] != root and inside(os.path.dirname(found[-1]), root):
        found.append(os.path.dirname(found[-1]))
    return found


def listing(directory: str) -> frozenset[str]:
    """List what is in a directory; nothing for one that does not exist."""
    if watching.record is not None:
        fact = ("list", directory)
        if fact in watching.record.digests:
            watching.record.saw(fact)
        else:
            watching.record.looked(fact, watching.listing_digest(entries(directory)))
    return _listing(directory)


@cache
def _listing(directory: str) -> frozenset[str]:
    try:
        return frozenset(os.listdir(directory))
    except OSError:
        return frozenset()


def forget() -> None:
    """Look again; for callers that change files."""
    ancestors.cache_clear()
    _listing.cache_clear()
