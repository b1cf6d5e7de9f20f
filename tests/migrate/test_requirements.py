from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.cli.errors import UserError
from flake8_async_sqla.cli.migrate import planned
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


def test_requirements_of_a_part_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api/requirements.txt").write_text("SQLAlchemy==2.0.1\n", encoding="utf-8")
    (tmp_path / "api/.env").write_text("DB=postgresql://db/shop\n", encoding="utf-8")
    (tmp_path / "other").mkdir()
    (tmp_path / "other/requirements.txt").write_text("SQLAlchemy==2.0.1\n", encoding="utf-8")
    done = migrated(tmp_path, {"api/shop/app.py": APP})
    assert list(done.files) == ["api/shop/app.py", "api/requirements.txt"]
    assert [note.path for note in done.plan.notes] == ["api/.env"]


@pytest.mark.parametrize(
    ("name", "line", "old"),
    [
        ("requirements.txt", "SQLAlchemy==1.4.23", True),
        ("requirements.txt", "sqlalchemy<2", True),
        ("requirements.txt", "sqlalchemy>=1.3,<2.0 # why", True),
        ("pyproject.toml", 'SQLAlchemy = "^1.4.22"', True),
        ("pyproject.toml", 'sqlalchemy = { version = "~1.4" }', True),
        ("Pipfile", 'sqlalchemy = "==1.4.35"', True),
        ("requirements.txt", "sqlalchemy>=1.4", False),
        ("requirements.txt", "sqlalchemy<2.2", False),
        ("requirements.txt", "sqlalchemy-utils==1.4", False),
    ],
)
def test_requirement_that_is_too_old_for_the_result(tmp_path: Path, name: str, line: str, old: bool) -> None:
    (tmp_path / name).write_text(f"{line}\n", encoding="utf-8")
    code = "from sqlalchemy.orm import sessionmaker\n\nfactory = sessionmaker()\n"
    notes = [note for note in migrated(tmp_path, {"app.py": APP + code}).plan.notes if "1.4 has no" in note.text]
    assert [(note.path, note.line) for note in notes] == [(name, 1)] * old


def test_tests_beside_the_directory_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("src/setup.py", "tests/test_shop.py"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    (tmp_path / "src/shop.py").write_text(APP, encoding="utf-8")
    places = [str(tmp_path / "src"), str(tmp_path / "tests")]
    monkeypatch.chdir(tmp_path / "src")
    with pytest.raises(UserError, match="lies outside the project"):
        planned(places)
    monkeypatch.chdir(tmp_path)
    root, done = planned(places)
    assert (Path(root), list(done.files)) == (tmp_path, ["src/shop.py"])
