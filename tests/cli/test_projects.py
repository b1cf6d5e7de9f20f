"""Files that know each other, fixed in one run."""

from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.cli import main

_DATABASE = """\
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

engine = create_async_engine("sqlite:///app.db")
factory = async_sessionmaker(engine, expire_on_commit=False)
"""
_APPLICATION = """\
from contextlib import asynccontextmanager

from fastapi import FastAPI

from database import factory


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.db = factory()
    yield
    await app.state.db.close()


app = FastAPI(lifespan=lifespan)
"""


def test_file_that_was_read_for_another_one_is_fixed_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "database.py").write_text(_DATABASE, encoding="utf-8")
    (tmp_path / "main.py").write_text(_APPLICATION, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["fix", "--unsafe-fixes", "--isolated", "--select=ASQ", "database.py", "main.py"]) == 0
    assert "app.state.db = factory\n" in (tmp_path / "main.py").read_text(encoding="utf-8")
    assert "sqlite+aiosqlite:///app.db" in (tmp_path / "database.py").read_text(encoding="utf-8")
    assert "node of another tree" not in "".join(capsys.readouterr())
