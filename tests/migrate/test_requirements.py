from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrate.kit import migrated

APP = 'from sqlalchemy import create_engine\n\nengine = create_engine("postgresql://localhost/shop")\n'


def _changed(root: Path, name: str, old: str, app: str = APP) -> str:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(old.encode())
    done = migrated(root, {"app.py": app})
    assert not [note for note in done.plan.notes if "as well" in note.text]
    return done.files[name][1].decode() if name in done.files else old


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("requirements.txt", "flask\nSQLAlchemy==2.0.1\nx", "flask\nSQLAlchemy[asyncio]==2.0.1\nasyncpg\nx"),
        ("requirements.txt", "sqlalchemy", "sqlalchemy[asyncio]\nasyncpg\n"),
        ("requirements.txt", "sqlalchemy [mypy]>=2  # why\r\n", "sqlalchemy[mypy,asyncio]>=2  # why\r\nasyncpg\r\n"),
        ("requirements.txt", "sqlalchemy[mypy]>=2\r\nx\r\n", "sqlalchemy[mypy,asyncio]>=2\r\nasyncpg\r\nx\r\n"),
        ("requirements/base.txt", "asyncpg\nsqlmodel\n", "asyncpg\nsqlmodel\nsqlalchemy[asyncio]\n"),
        (
            "pyproject.toml",
            '[project]\ndependencies = [\n    "sqlmodel<1,>=0.0.21",\n    "x",\n]\n',
            '[project]\ndependencies = [\n    "sqlmodel<1,>=0.0.21",\n    "sqlalchemy[asyncio]",\n    "asyncpg",\n'
            '    "x",\n]\n',
        ),
        (
            "pyproject.toml",
            "[project]\ndependencies = [\n  'sqlalchemy>=2'\n]\n[tool.x]\ndependencies = [\n  'sqlalchemy'\n]\n",
            "[project]\ndependencies = [\n  'sqlalchemy[asyncio]>=2',\n  'asyncpg',\n]\n"
            "[tool.x]\ndependencies = [\n  'sqlalchemy'\n]\n",
        ),
    ],
)
def test_requirements(tmp_path: Path, name: str, old: str, new: str) -> None:
    assert _changed(tmp_path, name, old) == new


@pytest.mark.parametrize(
    ("name", "text"),
    [("pyproject.toml", '[tool.poetry.dependencies]\nSQLAlchemy = "^2"\n'), ("setup.py", "#\nr = ['sqlalchemy']\n")],
)
def test_other_forms_are_reported(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    done = migrated(tmp_path, {"app.py": APP})
    assert list(done.files) == ["app.py"]
    notes = [(note.path, note.line, note.text) for note in done.plan.notes]
    assert notes == [(name, 2, "the project needs sqlalchemy[asyncio], asyncpg as well")]


def test_nothing_is_needed_where_nothing_changes(tmp_path: Path) -> None:
    assert _changed(tmp_path, "requirements.txt", "sqlalchemy\n", "x = 1\n") == "sqlalchemy\n"


def test_second_run_changes_nothing(tmp_path: Path) -> None:
    new = _changed(tmp_path, "requirements.txt", "sqlalchemy\n")
    (tmp_path / "requirements.txt").write_text(new, encoding="utf-8")
    assert _changed(tmp_path, "requirements.txt", new) == new


def test_urls_in_other_files_are_reported(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DEBUG=1\nURL=postgresql+psycopg2://localhost/shop\n", encoding="utf-8")
    (tmp_path / "compose.yml").write_text("a: https://x\nb: postgresql+asyncpg://db/shop\n", encoding="utf-8")
    (tmp_path / "alembic.ini").write_text("sqlalchemy.url = sqlite:///app.db\n", encoding="utf-8")
    done = migrated(tmp_path, {"app.py": APP})
    found = [(note.path, note.line, note.text) for note in done.plan.notes if "needs an async driver" in note.text]
    words = "needs an async driver where the application reads it, as in"
    assert found == [
        (".env", 2, f"postgresql+psycopg2:// {words} postgresql+asyncpg://"),
        ("alembic.ini", 1, f"sqlite:// {words} sqlite+aiosqlite://"),
    ]


def test_encodings(tmp_path: Path) -> None:
    for name, encoding in (("requirements.txt", "utf-16"), ("requirements-dev.txt", "latin-1")):
        (tmp_path / name).write_bytes("sqlalchemy\n# J\xfcrgen\n".encode(encoding))
    done = migrated(tmp_path, {"app.py": APP})
    assert done.files["requirements.txt"][1].decode("utf-16") == "sqlalchemy[asyncio]\nasyncpg\n# J\xfcrgen\n"
    assert done.files["requirements-dev.txt"][1] == b"sqlalchemy[asyncio]\nasyncpg\n# J\xfcrgen\n"
