"""Which files flake8 would look at, found faster: patterns are compiled once. A test compares the answers."""

from __future__ import annotations

import fnmatch
import os
import re
from argparse import Namespace
from collections.abc import Iterator, Sequence

from flake8_async_sqla.semantics.files.source import entries


def listed(options: Namespace, *, force_exclude: bool = False) -> list[str]:
    """Return the files to look at, as flake8 would; ``-`` is standard input.

    Args:
        options: flake8's parsed options.
        force_exclude: Leave out files below an excluded directory too; flake8 takes those that are named.
    """
    excluded = _Patterns((*options.exclude, *options.extend_exclude))
    wanted = _Patterns(options.filename or ["*"])
    found = []
    for place in options.filenames or ["."]:
        name = options.stdin_display_name if place == "-" else place
        if (place == "-" and name == "stdin") or not excluded.match_path(name, os.path.abspath(name)):
            found += [
                path for path in _files(place, excluded) if path in ("-", place) or wanted.match(os.path.normcase(path))
            ]
    if force_exclude:
        found = [path for path in found if not _below(excluded, path, options.stdin_display_name)]
    return sorted(found)


class _Patterns:
    """Several patterns of file names as one."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """Compile the patterns."""
        words = "|".join(fnmatch.translate(os.path.normcase(pattern)) for pattern in patterns)
        self.match = re.compile(words or r"(?!)").match

    def match_path(self, path: str, absolute: str) -> bool:
        """Tell whether the last part of a path or all of it is meant."""
        last = os.path.normcase(os.path.basename(path))
        return (last not in (".", "..") and self.match(last) is not None) or bool(
            self.match(os.path.normcase(absolute))
        )


def _files(place: str, excluded: _Patterns) -> Iterator[str]:
    if not os.path.isdir(place):
        yield place
        return
    waiting = [place]
    while waiting:
        directory = waiting.pop()
        absolute = os.path.normcase(os.path.join(os.path.abspath(directory), ""))
        for entry in entries(directory):
            name = os.path.normcase(entry.name)
            if excluded.match(name) or excluded.match(absolute + name):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            elif not entry.is_symlink() or not os.path.isdir(entry.path):
                yield entry.path


def _below(excluded: _Patterns, path: str, stdin_name: str) -> bool:
    name = stdin_name if path == "-" else path
    if path == "-" and name == "stdin":
        return False
    return any(excluded.match_path(place, place) for place in _directories(name))


def _directories(path: str) -> Iterator[str]:
    """Yield the directories between the working directory and a file, or all above a file that lies elsewhere."""
    here, place = os.getcwd(), os.path.abspath(path)
    while (parent := os.path.dirname(place)) not in (place, here):
        place = parent
        yield place
