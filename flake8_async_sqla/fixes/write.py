"""Files, replaced whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path


class NotWritten(Exception):
    """A file was left as it was; the message says why."""


def write(path: Path, new: bytes, *, old: bytes, root: Path) -> None:
    """Replace a file's contents in one step.

    The file keeps its mode and, where the system allows it, its owner. A symbolic link stays a link: the file behind it
    is replaced.

    Args:
        path: The file.
        new: The bytes to write.
        old: The bytes that were read, from which ``new`` was made.
        root: Directory that the file behind a symbolic link must lie in.

    Raises:
        NotWritten: The file changed since, is not writable, or lies behind a link that leaves ``root``.
    """
    real = path.resolve()
    if path.is_symlink() and not real.is_relative_to(root.resolve()):
        raise NotWritten(f"{path}: the link leads out of {root}")
    try:
        status = real.stat()
        if not os.access(real, os.W_OK) or not status.st_mode & stat.S_IWUSR:
            raise NotWritten(f"{path}: the file is read-only")
        _replace(real, new, old, status)
    except OSError as error:
        raise NotWritten(f"{path}: {error.strerror or error}") from None


def _replace(real: Path, new: bytes, old: bytes, status: os.stat_result) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{real.name}.", suffix=".tmp", dir=real.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(stat.S_IMODE(status.st_mode))
        if hasattr(os, "chown"):
            with contextlib.suppress(PermissionError):
                os.chown(temporary, status.st_uid, status.st_gid)
        if real.read_bytes() != old:
            raise NotWritten(f"{real}: the file changed while it was being fixed")
        temporary.replace(real)
    finally:
        temporary.unlink(missing_ok=True)


def root_of(path: Path) -> Path:
    """Return the directory that a symbolic link must not leave: the working directory, or the file's own."""
    here = Path.cwd()
    return here if path.absolute().is_relative_to(here) else path.parent
