"""What an asynchronous project needs installed, and the database URLs that stand outside Python files."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from flake8_async_sqla.facts.dialects import ASYNC_REPLACEMENT, driver
from flake8_async_sqla.migrate.model import Remark

_SCHEME = re.compile(rb"\b([a-z]+)\+([a-z_0-9]+)\b")
_ITEM = re.compile(
    r"""\ufeff?(?P<lead>[ \t]*(?P<quote>["']?))(?P<name>[A-Za-z0-9][\w.-]*)[ \t]*(?P<extras>\[[^\]]*\])?"""
)
_URL = re.compile(r"\b(?P<backend>postgres|[a-z]+)(?P<driver>\+\w+)?://")
_PACKAGES = {"psycopg_async": "psycopg"}
_OF_PROJECT = ("sqlalchemy", "sqlmodel", "advanced-alchemy")
_ANYIO = ("anyio", "fastapi", "fastapi-slim", "httpx", "litestar", "starlette")
_LISTS = ("pyproject.toml", "requirements*.txt", "requirements*.in", "requirements/*.txt", "requirements/*.in")
# A requirement that allows nothing but SQLAlchemy 1.
_OLD = re.compile(r"\bsqlalchemy\b(?![-_\w]).*?(?:(?:==|~=|\^|~|\")\s*1\.|<\s*2(?:\.0)*(?![.\d]))", re.IGNORECASE)
_OUTSIDE = (".env*", "*.env", "*.ini", "*.cfg", "*.toml", "*.y*ml", "Dockerfile*")

Files = dict[str, tuple[bytes, bytes]]


def needed(files: Mapping[str, tuple[bytes, bytes]]) -> dict[str, tuple[str, ...]]:
    """List what a result needs that the project did not: each package, with those that bring it along.

    Args:
        files: Old and new bytes of the files that change.
    """
    olds, news = (b"\n".join(pair[side] for pair in files.values()) for side in (0, 1))
    found: dict[str, tuple[str, ...]] = {"sqlalchemy[asyncio]": ()}
    for backend, name in sorted(set(_SCHEME.findall(news)) - set(_SCHEME.findall(olds))):
        known = driver(f"{backend.decode()}+{name.decode()}", "2.0")
        if known is not None and (known.is_async or known.dual):
            found[_PACKAGES.get(name.decode(), name.decode())] = ()
    if b"pytest.mark.anyio" in news:
        found["anyio"] = _ANYIO
    if b"AsyncClient" in news and b"httpx" not in olds:
        found["httpx"] = ("httpx",)
    return found


def requirement_changes(root: Path, files: Mapping[str, tuple[bytes, bytes]]) -> tuple[Files, list[Remark]]:
    """Change the files that list a project's requirements.

    Args:
        root: Directory of the project.
        files: Old and new bytes of the files that change.

    Returns:
        Old and new bytes of those files, and what the reader has to do.
    """
    wanted = needed(files) if any(b"sqlalchemy.ext.asyncio" in new for _, new in files.values()) else {}
    changed: Files = {}
    listed = False
    folders = _folders(root, files) if wanted else []
    factories = any(b"async_sessionmaker" in new for _, new in files.values())
    remarks: list[Remark] = []
    for path in _found(folders, _LISTS):
        old = path.read_bytes()
        encoding = _encoding(old)
        lines = old.decode(encoding, "surrogateescape").splitlines(keepends=True)
        items = dict(_items(path, lines))
        remarks += _too_old(path.relative_to(root).as_posix(), lines) if factories else []
        if any(_normal(item["name"]) in _OF_PROJECT for item in items.values()):
            listed = True
            new = "".join(_with(lines, items, wanted)).encode(encoding, "surrogateescape")
            if new != old:
                changed[path.relative_to(root).as_posix()] = (old, new)
    elsewhere = [] if listed or not wanted else _elsewhere(folders)
    text = f"the project needs {', '.join(wanted)} as well"
    remarks += [Remark(path.relative_to(root).as_posix(), line, text) for path, line in elsewhere[:1]]
    for path in _found(folders, ("Pipfile",)) if factories else ():
        remarks += _too_old(path.relative_to(root).as_posix(), path.read_text(errors="replace").splitlines())
    return changed, remarks


def _too_old(path: str, lines: list[str]) -> list[Remark]:
    text = "the result needs SQLAlchemy 2.0 or later: 1.4 has no async_sessionmaker"
    return [Remark(path, number, text) for number, line in enumerate(lines, 1) if _OLD.search(line)]


def _folders(root: Path, files: Mapping[str, object]) -> list[Path]:
    """List the project's directory, and those between it and what changes."""
    return sorted({root, *(root / parent for path in files for parent in Path(path).parents)})


def _found(folders: Iterable[Path], patterns: Iterable[str]) -> list[Path]:
    return [
        path
        for folder in folders
        for path in sorted({path for pattern in patterns for path in folder.glob(pattern)})
        if path.is_file()
    ]


def _encoding(source: bytes) -> str:
    """Name the encoding of a requirements file; PowerShell writes UTF-16, and pip reads it."""
    marks = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
    return next((name for mark, name in marks.items() if source.startswith(mark)), "utf-8")


def _elsewhere(folders: Iterable[Path]) -> list[tuple[Path, int]]:
    """List the lines that name SQLAlchemy in files of other forms."""
    return [
        (path, number)
        for pattern in ("pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "environment*.y*ml")
        for path in _found(folders, (pattern,))
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if re.search(r"\b(sqlalchemy|sqlmodel)\b", line, re.IGNORECASE)
    ]


def urls_outside(root: Path, files: Mapping[str, tuple[bytes, bytes]]) -> Iterator[Remark]:
    """Yield the lines of configuration files that hold a URL with a synchronous driver.

    Args:
        root: Directory of the project.
        files: Old and new bytes of the files that change; without any, no URL needs another driver.
    """
    for path in _found(_folders(root, files), _OUTSIDE) if files else ():
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            for match in _URL.finditer(line):
                backend = {"postgres": "postgresql"}.get(match["backend"], match["backend"])
                scheme = backend + (match["driver"] or "")
                known = driver(scheme, "2.0")
                if known is not None and not known.is_async and not known.dual and backend in ASYNC_REPLACEMENT:
                    text = f"{match[0]} needs an async driver where the application reads it, as in "
                    yield Remark(path.relative_to(root).as_posix(), number, f"{text}{ASYNC_REPLACEMENT[backend][0]}://")


def _items(path: Path, lines: list[str]) -> Iterator[tuple[int, re.Match[str]]]:
    """Yield the lines that name a requirement, with their numbers: in ``pyproject.toml``, those of the project."""
    section, inside = "", path.suffix != ".toml"
    for number, line in enumerate(lines):
        if path.suffix == ".toml":
            section = line.strip() if line.startswith("[") else section
            opens = re.match(r"dependencies\s*=\s*\[\s*$", line) is not None and section == "[project]"
            inside = opens or (inside and not line.startswith("]"))
            if opens:
                continue
        found = _ITEM.match(line) if inside else None
        if found is not None and (found["quote"] or path.suffix != ".toml"):
            yield number, found


def _with(lines: list[str], items: dict[int, re.Match[str]], wanted: Mapping[str, tuple[str, ...]]) -> list[str]:
    names = {_normal(item["name"]): number for number, item in items.items()}
    at = next(names[name] for name in _OF_PROJECT if name in names)
    own, new = items[at], list(lines)
    newline = "\r\n" if lines[at].endswith("\r\n") else "\n"
    if own["quote"] and not lines[at].rstrip().endswith(","):
        new[at] = f"{new[at].rstrip()},{newline}"
    new[at] = new[at] if new[at].endswith("\n") else f"{new[at]}{newline}"
    more = [
        f"{own['lead']}{package}{own['quote']}{',' if own['quote'] else ''}{newline}"
        for package, bringing in wanted.items()
        if package.partition("[")[0] not in names and not names.keys() & set(bringing)
    ]
    extras = own["extras"] or ""
    if "sqlalchemy" in names and "asyncio" not in extras:
        given = f"{extras[:-1]},asyncio]" if extras else "[asyncio]"
        end = own.end("name")
        new[at] = new[at][:end] + given + new[at][own.end("extras") if extras else end :]
    elif not more:
        return lines
    return [*new[: at + 1], *more, *new[at + 1 :]]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
