"""What findings are noted to depend on: all that was looked at, whoever looked first."""

from __future__ import annotations

import ast
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest

from flake8_async_sqla.cache.results import Results
from flake8_async_sqla.cache.store import Store
from flake8_async_sqla.rules import load
from flake8_async_sqla.rules.run import findings
from flake8_async_sqla.semantics.files import watching
from flake8_async_sqla.semantics.files.project import forget
from flake8_async_sqla.semantics.files.source import parse
from flake8_async_sqla.semantics.files.watching import content_digest
from flake8_async_sqla.semantics.settings import Settings
from tests.cli.cache.edits import edit, start

Fact = tuple[str, str]
_EVENTS = {"open": "file", "os.listdir": "list", "os.scandir": "list"}
looked: dict[str, set[Fact]] = {}
"""The files that were opened and the directories that were listed for each file."""
_looked: set[Fact] | None = None


def _look(event: str, arguments: tuple[object, ...]) -> None:
    if _looked is not None and event in _EVENTS and isinstance(arguments[0], str):
        _looked.add((_EVENTS[event], arguments[0]))


sys.addaudithook(_look)


@pytest.fixture(params=range(10))
def files(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    kind_of = watching.kind_of

    def asked(path: str) -> str:
        if _looked is not None:
            _looked.add(("kind", path))
        return kind_of(path)

    monkeypatch.setattr(watching, "kind_of", asked)
    start(tmp_path)
    random = Random(request.param)
    for _ in range(8 * request.param):
        edit(tmp_path, random)
    return sorted(path for path in tmp_path.rglob("*.py") if parse(path.read_bytes()) is not None)


def noted(files: Iterable[Path], place: Path) -> dict[str, set[Fact]]:
    """Check files one after the other, and say which facts the findings of each are noted to depend on."""
    global _looked
    forget()
    shutil.rmtree(place / ".cache", ignore_errors=True)
    settings, codes = Settings(), frozenset(load())
    store = Store(str(place / ".cache"))
    results = Results(store, "facts", None)
    for path in files:
        data = path.read_bytes()
        digest, lines = content_digest(data), data.decode().splitlines(keepends=True)
        with results.watched(str(path), digest, digest) as keep:
            tree, _looked = ast.parse(data), set()
            list(findings(tree, lines, str(path), settings, codes, positions_only=True))
            looked[str(path)], _looked = _looked, None
            keep([])
    results.save()
    forget()
    saved = store.load("facts")
    masks = {path: int(saved["masks"][number], 16) for path, (_, number, _) in saved["files"].items()}
    facts: list[Fact] = [(kind, path) for kind, path, *_ in saved["facts"]]
    return {path: {fact for bit, fact in enumerate(facts) if mask >> bit & 1} for path, mask in masks.items()}


def missing(wanted: Iterable[Fact], facts: set[Fact]) -> list[Fact]:
    """List the facts that are neither noted nor part of a directory of which everything is."""
    trees = tuple(path + os.sep for kind, path in facts if kind == "tree")
    return sorted(
        fact
        for fact in wanted
        if fact not in facts and not (fact[0] in ("file", "list") and (fact[1] + os.sep).startswith(trees))
    )


def test_all_that_is_looked_at_is_noted(files: list[Path], tmp_path: Path) -> None:
    for path in map(str, files):
        facts = noted([Path(path)], tmp_path)[path]
        below = (fact for fact in looked[path] if fact[1].startswith(f"{tmp_path}{os.sep}") and fact != ("file", path))
        assert missing(below, facts) == []


@pytest.mark.parametrize("order", ["forwards", "backwards", "mixed"])
def test_what_was_known_before_is_noted_too(order: str, files: list[Path], tmp_path: Path) -> None:
    alone = {str(path): noted([path], tmp_path)[str(path)] for path in files}
    together = noted(
        {"forwards": files, "backwards": files[::-1], "mixed": Random(1).sample(files, len(files))}[order], tmp_path
    )
    assert {path: lost for path in alone if (lost := missing(alone[path], together[path]))} == {}
