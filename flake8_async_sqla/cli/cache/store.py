"""Where the cache lies: JSON with a checksum, replaced as a whole, so that runs at the same time do no harm."""

from __future__ import annotations

import json
import os
import tempfile
from typing import Any

from flake8_async_sqla.semantics.watching import content_digest

MAX_BYTES = 64_000_000
MAX_FILES = 16
_TAG = """\
Signature: 8a477f597d28d172789f06886806bc55
# This file is a cache directory tag created by flake8-async-sqla; see https://bford.info/cachedir/
"""


class Store:
    """The files of one cache directory. What cannot be read or written is as if it were not there."""

    def __init__(self, directory: str) -> None:
        """Take the directory, which need not exist."""
        self._directory = os.path.abspath(directory)

    def load(self, name: str) -> Any:
        """Return what was saved under a name; ``None`` if there is nothing, or not all of it."""
        try:
            with open(self._path(name), "rb") as stream:
                checksum, _, data = stream.read().partition(b"\n")
            return json.loads(data) if content_digest(data).encode() == checksum else None
        except (OSError, ValueError, RecursionError):
            return None

    def save(self, name: str, content: Any) -> bool:
        """Save something under a name, and drop what is oldest.

        Returns:
            Whether it was small enough.
        """
        data = json.dumps(content, separators=(",", ":")).encode()
        if len(data) > MAX_BYTES:
            return False
        try:
            self._prepare()
            descriptor, temporary = tempfile.mkstemp(".tmp", dir=self._directory)
            try:
                with open(descriptor, "wb") as stream:
                    stream.write(content_digest(data).encode() + b"\n" + data)
                os.replace(temporary, self._path(name))
            except BaseException:
                os.unlink(temporary)
                raise
            self._prune()
        except OSError:
            pass
        return True

    def _path(self, name: str) -> str:
        return os.path.join(self._directory, f"{name}.json")

    def _prepare(self) -> None:
        os.makedirs(self._directory, exist_ok=True)
        for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", _TAG)):
            path = os.path.join(self._directory, name)
            if not os.path.exists(path):
                with open(path, "w", encoding="utf-8") as stream:
                    stream.write(text)

    def _prune(self) -> None:
        with os.scandir(self._directory) as entries:
            files = sorted(
                (entry.stat().st_mtime_ns, entry.path) for entry in entries if entry.name.endswith((".json", ".tmp"))
            )
        total = 0
        for number, (_, path) in enumerate(reversed(files)):
            total += os.path.getsize(path)
            if number >= MAX_FILES or total > MAX_BYTES:
                os.unlink(path)
