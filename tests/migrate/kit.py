from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

from flake8_async_sqla.cli.migrate import lint
from flake8_async_sqla.migrate.migration import Migration, migrate
from flake8_async_sqla.semantics.settings import Settings


def write(root: Path, files: Mapping[str, str]) -> None:
    """Write the files of a small project."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "pyproject.toml").touch()
    for name, code in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(code), encoding="utf-8")


def migrated(
    root: Path,
    files: Mapping[str, str],
    stages: Sequence[str] = ("flip",),
    drivers: Mapping[str, str] | None = None,
) -> Migration:
    """Migrate a small project in memory."""
    write(root, files)
    return migrate(str(root), list(files), stages, Settings(drivers=drivers or {}), lint)


def flipped(root: Path, code: str) -> str:
    """Return one module as the flip leaves it, and fail when anything is refused."""
    done = migrated(root, {"app.py": code})
    assert done.plan.refusals == []
    return done.files["app.py"][1].decode() if done.files else textwrap.dedent(code)


def refusal(root: Path, code: str) -> str:
    """Return why one module is refused, and fail when it changes."""
    done = migrated(root, {"app.py": code})
    assert done.files == {}
    assert done.refused == ["app.py"]
    return done.plan.refusals[0].text
