"""Reading source files of the project: bounded, tolerant, and never outside the root."""

from __future__ import annotations

import ast
import os
import warnings
from functools import cache

MAX_BYTES = 2_000_000
_MARKERS = ("pyproject.toml", ".git", "setup.cfg", "setup.py", "tox.ini")


def find_root(path: str) -> str:
    """Find the directory of the project that a file belongs to.

    Args:
        path: Path of the file, which need not exist.

    Returns:
        The nearest directory upwards that holds a project marker; without one, the current directory if the file is
        below it, else the file's own directory.
    """
    directory = start = os.path.dirname(os.path.abspath(path))
    while True:
        if any(os.path.exists(os.path.join(directory, marker)) for marker in _MARKERS):
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


def parse(path: str) -> tuple[ast.Module, list[str]] | None:
    """Read and parse a file.

    Args:
        path: Path of the file.

    Returns:
        The tree and the lines; ``None`` for a file that cannot be read or parsed, or is larger than `MAX_BYTES`.
    """
    try:
        if os.stat(path).st_size > MAX_BYTES:
            return None
        with open(path, "rb") as stream:
            data = stream.read()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree, data.decode("utf-8", "replace").splitlines(keepends=True)


def read(path: str) -> str:
    """Read a text file, such as a configuration; empty if it cannot be read or is larger than `MAX_BYTES`."""
    try:
        if os.stat(path).st_size > MAX_BYTES:
            return ""
        with open(path, "rb") as stream:
            return stream.read().decode("utf-8", "replace")
    except OSError:
        return ""
