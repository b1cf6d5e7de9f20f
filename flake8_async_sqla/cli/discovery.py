"""Which files flake8 would look at: the part of `flake8_async_sqla.cli.flake8_bridge` that needs no plugins."""

from __future__ import annotations

import logging
import os
from argparse import Namespace
from collections.abc import Iterator

from flake8 import discover_files, utils

_LOG = logging.getLogger(__name__)


def listed(options: Namespace, *, force_exclude: bool = False) -> list[str]:
    """Return the files to look at, as flake8 would; ``-`` is standard input.

    Args:
        options: flake8's parsed options.
        force_exclude: Leave out files below an excluded directory too; flake8 takes those that are named.
    """
    excluded = (*options.exclude, *options.extend_exclude)
    found = discover_files.expand_paths(
        paths=options.filenames,
        stdin_display_name=options.stdin_display_name,
        filename_patterns=options.filename,
        exclude=excluded,
    )
    if force_exclude:
        found = (path for path in found if not _below(excluded, path, options.stdin_display_name))
    return sorted(found)


def _below(excluded: tuple[str, ...], path: str, stdin_name: str) -> bool:
    name = stdin_name if path == "-" else path
    if path == "-" and name == "stdin":
        return False
    return any(
        utils.matches_filename(place, patterns=excluded, log_message='"%(path)s" %(whether)sexcluded', logger=_LOG)
        for place in _directories(name)
    )


def _directories(path: str) -> Iterator[str]:
    """Yield the directories between the working directory and a file, or all above a file that lies elsewhere."""
    here, place = os.getcwd(), os.path.abspath(path)
    while (parent := os.path.dirname(place)) not in (place, here):
        place = parent
        yield place
