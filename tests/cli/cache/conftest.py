"""A project to check with a cache."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flake8_async_sqla.cli import main
from flake8_async_sqla.semantics.files.project import forget

Check = Callable[..., str]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> str:
        forget()
        main(["check", "--isolated", *arguments])
        return capsys.readouterr().out

    return run
