"""All files of a migration, or none."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from flake8_async_sqla.fixes.write import NotWritten, write


def write_all(root: Path, files: Mapping[str, tuple[bytes, bytes]]) -> None:
    """Write the new bytes of all files; when one cannot be written, the others get their old ones back.

    Args:
        root: Directory of the project.
        files: Old and new bytes, by path relative to the root.

    Raises:
        NotWritten: A file changed since it was read, or cannot be written.
    """
    files = _once(root, files)
    for path, (old, _) in files.items():
        try:
            same = (root / path).read_bytes() == old
        except OSError as error:
            raise NotWritten(f"{path}: {error.strerror or error}") from None
        if not same:
            raise NotWritten(f"{path}: the file changed since it was read")
    written: list[str] = []
    try:
        for path, (old, new) in files.items():
            write(root / path, new, old=old, root=root)
            written.append(path)
    except NotWritten:
        for path in written:
            old, new = files[path]
            with contextlib.suppress(NotWritten):
                write(root / path, old, old=new, root=root)
        raise


def _once(root: Path, files: Mapping[str, tuple[bytes, bytes]]) -> dict[str, tuple[bytes, bytes]]:
    """Leave out the links to files that change in the same way."""
    places: dict[Path, str] = {}
    for path in sorted(files, key=lambda path: (root / path).is_symlink()):
        first = places.setdefault((root / path).resolve(), path)
        if files[first] != files[path]:
            raise NotWritten(f"{path}: this and {first} are one file, which would become two different ones")
    return {path: files[path] for path in places.values()}
