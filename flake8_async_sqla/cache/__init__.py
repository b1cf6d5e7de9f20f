"""What is kept between runs; nothing here imports the analysis, so that a run with nothing new is quick."""

from __future__ import annotations

import json
import os
import sys
from functools import cache

from flake8 import __version__ as flake8

from flake8_async_sqla import __file__ as own
from flake8_async_sqla import __version__
from flake8_async_sqla.semantics.files.watching import content_digest


def named(kind: str, *parts: object) -> str:
    """Name what this tool finds in the working directory under some circumstances.

    Args:
        kind: How the name begins.
        parts: The circumstances, as JSON has them.
    """
    return f"{kind}-{content_digest(json.dumps([_tool(), os.getcwd(), *parts]).encode())}"


def installed() -> list[str]:
    """Say when packages were installed last, each of which may bring flake8 options and formats."""
    places = {place for place in sys.path if os.path.basename(place) in ("site-packages", "dist-packages")}
    return [f"{place} {_changed(place)}" for place in sorted(places)]


@cache
def _tool() -> str:
    """Digest what gives the answers: this version, that of flake8, and Python."""
    package = os.path.dirname(own)
    try:
        with open(os.path.join(f"{package}-{__version__}.dist-info", "RECORD"), "rb") as stream:
            files = content_digest(stream.read())
    except OSError:
        files = "\0".join(_stamps(package))
    return content_digest("\0".join([__version__, flake8, sys.version, sys.platform, files]).encode("utf-8", "replace"))


def _stamps(directory: str) -> list[str]:
    found = []
    with os.scandir(directory) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.endswith(".py"):
                status = entry.stat()
                found.append(f"{entry.path} {status.st_size} {status.st_mtime_ns}")
            elif entry.name != "__pycache__" and entry.is_dir():
                found += _stamps(entry.path)
    return found


def _changed(directory: str) -> int:
    try:
        return os.stat(directory).st_mtime_ns
    except OSError:
        return 0
