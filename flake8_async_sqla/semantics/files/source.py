"""Reading source files of the project: bounded, tolerant, and never outside the root."""

from __future__ import annotations

import ast
import os
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from flake8_async_sqla.semantics.files import watching

MAX_BYTES = 2_000_000
_READING = os.O_RDONLY | getattr(os, "O_BINARY", 0)
MAX_FILES = 20_000
_COOKIE = re.compile(rb"(?:[^\n]*\n)?[ \t\f]*#[^\n]*coding[:=](?![ \t]*utf-8)")
_MARKERS = ("pyproject.toml", ".git", "setup.cfg", "tox.ini")
_SKIPPED = frozenset({"node_modules", "site-packages", "__pycache__", "build", "dist"})


def _has_marker(directory: str) -> bool:
    return is_marked(lambda name: os.path.exists(os.path.join(directory, name)))


def is_marked(holds: Callable[[str], bool]) -> bool:
    """Tell whether a project begins in a directory, where ``setup.py`` is no module of a package.

    Args:
        holds: Whether the directory holds something of a name.
    """
    return any(map(holds, _MARKERS)) or (holds("setup.py") and not holds("__init__.py"))


def find_root(path: str, has_marker: Callable[[str], bool] = _has_marker) -> str:
    """Find the directory of the project that a file belongs to.

    Args:
        path: Path of the file, which need not exist.
        has_marker: Whether a directory holds a project marker; for callers that ask often.

    Returns:
        The nearest directory upwards that holds a project marker; without one, the current directory if the file is
        below it, else the file's own directory.
    """
    directory = start = os.path.dirname(os.path.abspath(path))
    while True:
        if has_marker(directory):
            return directory
        parent = os.path.dirname(directory)
        if parent == directory:
            break
        directory = parent
    here = os.getcwd()
    return here if inside(start, here) else start


def inside(path: str, root: str) -> bool:
    """Tell whether a path lies in a directory, links resolved."""
    directory, root = _real(os.path.dirname(path)), _real(root)
    if os.path.islink(path):
        directory = os.path.dirname(os.path.realpath(path))
    elif os.path.isdir(path):
        directory = _real(path)
    return directory == root or directory.startswith(root.rstrip(os.sep) + os.sep)


@cache
def _real(directory: str) -> str:
    return os.path.realpath(directory)


def read_bytes(path: str) -> bytes | None:
    """Read a file; ``None`` for one that cannot be read or is larger than `MAX_BYTES`."""
    data = _bytes(path)
    if watching.record is not None:
        watching.record.looked(("file", path), watching.content_digest(data))
    return data


def _bytes(path: str) -> bytes | None:
    try:
        descriptor = os.open(path, _READING)
        try:
            size = os.fstat(descriptor).st_size
            return os.read(descriptor, size) if size <= MAX_BYTES else None
        finally:
            os.close(descriptor)
    except OSError:
        return None


def kind_of(path: str) -> str:
    """Say whether a path is a ``file`` or a ``directory``; empty for neither."""
    kind = watching.kind_of(path)
    if watching.record is not None:
        watching.record.looked(("kind", path), kind)
    return kind


def entries(directory: str) -> list[os.DirEntry[str]]:
    """List what is in a directory, in a fixed order; nothing for one that does not exist."""
    try:
        with os.scandir(directory) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError:
        return []


def look_below(directory: str) -> None:
    """Note that an answer depends on all Python files below a directory, which may have been read before."""
    if (record := watching.record) is not None:
        if directory not in record.trees:
            record.trees[directory] = list(_python_files(directory, entries))
        record.saw(("tree", directory))


def python_files(root: str, entries: Callable[[str], list[os.DirEntry[str]]] = entries) -> Iterator[str]:
    """Yield the Python files below a directory, in a fixed order; hidden directories and environments are left out.

    Args:
        root: The directory.
        entries: What is in a directory; for callers that ask often.
    """
    look_below(root)
    yield from _python_files(root, entries)


def _python_files(root: str, entries: Callable[[str], list[os.DirEntry[str]]]) -> Iterator[str]:
    count, waiting = 0, [root]
    while waiting:
        folders = []
        for entry in entries(waiting.pop()):
            is_python = entry.name.endswith(".py")
            if is_python and (entry.is_file(follow_symlinks=False) or os.path.isfile(entry.path)):
                if not entry.is_symlink() or inside(entry.path, root):
                    count += 1
                    if count > MAX_FILES:
                        return
                    yield entry.path
            elif entry.is_dir(follow_symlinks=False) and _is_looked_into(entry):
                folders.append(entry.path)
        waiting.extend(reversed(folders))


def _is_looked_into(folder: os.DirEntry[str]) -> bool:
    if folder.name in _SKIPPED or folder.name.startswith("."):
        return False
    return not os.path.exists(os.path.join(folder.path, "pyvenv.cfg"))


def decode(data: bytes) -> str | None:
    """Decode a file; ``None`` for one that declares an encoding, or is not in UTF-8."""
    try:
        return None if _COOKIE.match(data) else data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None


def parse(data: bytes | str) -> ast.Module | None:
    """Parse the text of a file; ``None`` for one that cannot be parsed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def read(path: str) -> str:
    """Read a text file, such as a configuration; empty if it cannot be read or is larger than `MAX_BYTES`."""
    return (read_bytes(path) or b"").decode("utf-8", "replace")


def characters(lines: Sequence[str], line: int, column: int) -> int:
    """Turn a column in UTF-8 bytes, as trees have it, into one in characters, as flake8 prints it.

    Args:
        lines: The lines of the file.
        line: The line, from 1.
        column: The column, from 0.
    """
    if not column or line > len(lines):
        return column
    text = lines[line - 1]
    return column if text.isascii() else len(text.encode()[:column].decode(errors="replace"))
