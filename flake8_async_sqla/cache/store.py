"""Where the cache lies: JSON with a checksum, replaced as a whole, so that runs at the same time do no harm."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flake8_async_sqla.semantics.files.watching import content_digest

MAX_BYTES = 64_000_000
MAX_FILES = 16
MAX_SECONDS = 10.0
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

    def holds(self, name: str) -> bool:
        """Tell whether something was saved under a name."""
        return os.path.exists(self._path(name))

    def update(self, name: str, change: Callable[[Any], Any]) -> None:
        """Save something under a name while nobody else does, and drop what is oldest.

        Args:
            name: The name.
            change: Makes the new content of what `load` returns.
        """
        try:
            self._prepare()
            with _alone(os.path.join(self._directory, ".lock")):
                data = json.dumps(change(self.load(name)), separators=(",", ":")).encode()
                if len(data) <= MAX_BYTES:
                    self._write(name, data)
                    self._prune()
        except OSError:
            pass

    def _path(self, name: str) -> str:
        return os.path.join(self._directory, f"{name}.json")

    def _prepare(self) -> None:
        os.makedirs(self._directory, exist_ok=True)
        for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", _TAG)):
            path = os.path.join(self._directory, name)
            if not os.path.exists(path):
                with open(path, "w", encoding="utf-8") as stream:
                    stream.write(text)

    def _write(self, name: str, data: bytes) -> None:
        temporary = os.path.join(self._directory, f"{os.getpid()}.tmp")
        try:
            with open(temporary, "wb") as stream:
                stream.write(content_digest(data).encode() + b"\n" + data)
            os.replace(temporary, self._path(name))
        except BaseException:
            os.unlink(temporary)
            raise

    def _prune(self) -> None:
        """Drop the files that were not written for long, and those that somebody who was killed did not finish."""
        with os.scandir(self._directory) as entries:
            found = [(entry.stat().st_mtime_ns, entry.path) for entry in entries if not entry.name.startswith(".")]
        total = 0
        files = sorted((time, path) for time, path in found if path.endswith(".json"))
        for number, (_, path) in enumerate(reversed(files)):
            total += os.path.getsize(path)
            if number >= MAX_FILES or total > MAX_BYTES:
                os.unlink(path)
        for _, path in found:
            if path.endswith(".tmp"):
                os.unlink(path)


def configured(options: Any) -> Store | None:
    """Return the cache that flake8's options say, if they say one."""
    return None if options.async_sqla_no_cache else Store(options.async_sqla_cache_dir)


@contextmanager
def _alone(path: str) -> Iterator[None]:
    """Hold a lock, which ends with the process; where the system has none, who writes last wins.

    Raises:
        OSError: Others hold it for `MAX_SECONDS`.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    with open(path, "wb") as stream:
        until = time.monotonic() + MAX_SECONDS
        while True:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.01)
            else:
                break
        yield
