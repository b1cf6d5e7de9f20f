from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.migrate.kit import migrated

START = """\
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

engine = create_engine("sqlite:///app.db")


def ready(engine) -> bool:
    with Session(engine) as session:
        session.add(text("SELECT 1"))
        session.execute(text("SELECT 1"))
    return True
"""
TEST = """\
from unittest.mock import MagicMock, patch

from shop.start import ready


def test_ready():
    session = MagicMock()
    session.__enter__.return_value = session
    with patch("shop.start.Session", return_value=session), patch("shop.start.text") as text:
        assert ready(MagicMock())
    session.execute.assert_called_once_with(text.return_value)
    session.add.assert_called_once_with(text.return_value)


def test_another(monkeypatch):
    session = MagicMock()
    monkeypatch.setattr("shop.start.Session", session)
    monkeypatch.setattr("shop.other.Session", session)
"""
GREEN = ["-W", "error::RuntimeWarning", "-W", "error::pytest.PytestUnraisableExceptionWarning"]


def _migrated(root: Path, test: str) -> str:
    done = migrated(root, {"shop/__init__.py": "", "shop/start.py": START, "tests/test_start.py": test})
    assert done.plan.refusals == []
    for path, (_, new) in done.files.items():
        (root / path).write_bytes(new)
    return done.files["tests/test_start.py"][1].decode()


def test_patches_and_mocks_follow(tmp_path: Path) -> None:
    new = _migrated(tmp_path, TEST)
    assert "    session = MagicMock(spec=AsyncSession)\n    session.__aenter__.return_value = session\n" in new
    assert 'patch("shop.start.AsyncSession", return_value=session), patch("shop.start.text") as text' in new
    assert '    session = MagicMock()\n    monkeypatch.setattr("shop.start.AsyncSession", session)\n' in new
    assert '    monkeypatch.setattr("shop.other.Session", session)\n' in new


def test_patched_test_passes_again(tmp_path: Path) -> None:
    _migrated(tmp_path, TEST[: TEST.index("def test_another")])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *GREEN, "tests"]
    done = subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": "."}, check=False, capture_output=True, text=True)
    assert "1 passed" in done.stdout, done.stdout


def test_mock_with_arguments_of_its_own_keeps_them(tmp_path: Path) -> None:
    new = _migrated(
        tmp_path, TEST.replace("session = MagicMock()\n    session.", "session = MagicMock(name='s')\n    session.")
    )
    assert "session = MagicMock(name='s')\n    session.__aenter__" in new
