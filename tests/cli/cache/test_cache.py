"""What `check` keeps: used when nothing changed, and only then."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from flake8_async_sqla import CACHE_DIRECTORY
from flake8_async_sqla.cache import facts, results, store
from flake8_async_sqla.cli import main
from flake8_async_sqla.semantics.files import source
from tests.cli.cache.conftest import Check

_HOUR = 3_600_000_000_000

_ENGINE = """\
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from {config} import URL

engine = create_async_engine(URL)
"""
_URL = 'URL = "{}://localhost/app"\n'
_HANDLER = """\
from database import get_session
from fastapi import Depends


async def read(session=Depends(get_session)):
    session.commit()
"""
_SESSIONS = """\
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

Session = async_sessionmaker(create_async_engine("postgresql+asyncpg://localhost/app"))


async def get_session():
    async with Session() as session:
        yield session
"""
_DEPENDS = """\
from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import async_sessionmaker

Session = async_sessionmaker()
router = APIRouter()


@router.get("/")
async def read(session=Depends(Session)):
    await session.commit()
"""
_OVERRIDE = "from routes import Session\n\napp.dependency_overrides[Session] = object\n"


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were not taken from the cache."""
    found: list[str] = []
    watched = results.Results.watched

    def looked(self: results.Results, name: str, digest: str, file: str) -> AbstractContextManager[Any]:
        found.append(name)
        return watched(self, name, digest, file)

    monkeypatch.setattr(results.Results, "watched", looked)
    return found


def write(**files: str | None) -> None:
    for name, text in files.items():
        path = Path(*name.split("_in_")[::-1]).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_text(text, encoding="utf-8")


def test_nothing_is_looked_at_twice(check: Check, looked_at: list[str]) -> None:
    write(database=_ENGINE.format(config="config"), config=_URL.format("postgresql+psycopg2"), other="x = 1\n")
    first = check()
    assert "ASQ102" in first
    assert len(looked_at) == 3
    assert check() == first
    assert len(looked_at) == 3


def test_followed_files_that_did_not_change_are_not_read_again(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "SETTLED", -_HOUR)
    write(database=_ENGINE.format(config="config"), config=_URL.format("postgresql+psycopg2"))
    first, read = check(), source._bytes
    opened: list[str] = []

    def noted(path: str) -> bytes | None:
        opened.append(Path(path).name)
        return read(path)

    monkeypatch.setattr(source, "_bytes", noted)
    assert check() == first
    assert "config.py" not in opened
    write(config=_URL.format("postgresql+asyncpg"))
    os.utime("config.py", ns=(0, 0))
    second = check()
    assert "config.py" in opened
    assert second == check("--no-cache") != first


def test_files_that_were_just_written_are_read_again(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "SETTLED", _HOUR)
    write(database=_ENGINE.format(config="config"), config=_URL.format("postgresql+psycopg2"))
    first = check()
    monkeypatch.setattr(facts, "stamp", lambda path: "as it was")
    write(config=_URL.format("postgresql+asyncpg"))
    assert check() == check("--no-cache") != first


def test_only_what_depends_on_an_edit_is_looked_at(check: Check, looked_at: list[str]) -> None:
    write(
        database=_ENGINE.format(config="config"), config=_URL.format("postgresql+psycopg2"), other="import sqlalchemy\n"
    )
    assert "ASQ102" in check()
    looked_at.clear()
    write(config=_URL.format("postgresql+asyncpg"))
    assert check() == ""
    assert sorted(looked_at) == ["./config.py", "./database.py"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({"config": _URL.format("postgresql")}, {"config": _URL.format("postgresql+asyncpg")}, id="edited"),
        pytest.param({}, {"config": _URL.format("postgresql")}, id="appears"),
        pytest.param({"config": _URL.format("postgresql")}, {"config": None}, id="goes"),
        pytest.param(
            {"config": "from deep.settings import *\n", "settings_in_deep": _URL.format("sqlite")},
            {"settings_in_deep": _URL.format("sqlite+aiosqlite")},
            id="behind another",
        ),
        pytest.param(
            {"config": _URL.format("postgresql+asyncpg")},
            {"__init___in_config": _URL.format("postgresql")},
            id="package in front",
        ),
    ],
)
def test_file_that_is_followed(before: dict[str, str], after: dict[str, str | None], check: Check) -> None:
    write(database=_ENGINE.format(config="config"), **before)
    first = check("database.py")
    write(**after)
    second = check("database.py")
    assert second != first
    assert second == check("--no-cache", "database.py")


def test_file_that_is_not_there(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    write(other="import sqlalchemy\n")
    for _ in range(2):
        assert main(["check", "--isolated", "missing.py", "other.py"]) == 2
        assert capsys.readouterr().err == "missing.py: No such file or directory\n"


def test_file_that_imports_another(check: Check) -> None:
    write(routes=_DEPENDS)
    first = check("routes.py")
    assert first
    write(conftest_in_tests=_OVERRIDE)
    assert check("routes.py") == check("--no-cache", "routes.py") != first


def test_file_that_appears_while_others_are_checked(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    write(routes=_DEPENDS)
    save = results.Results.save

    def late(self: results.Results) -> None:
        write(conftest_in_tests=_OVERRIDE)
        save(self)

    with monkeypatch.context() as patched:
        patched.setattr(results.Results, "save", late)
        first = check("routes.py")
    assert check("routes.py") == check("--no-cache", "routes.py") != first


def test_gate_of_a_file_without_sqlalchemy(check: Check) -> None:
    write(handler=_HANDLER, database="def get_session(): ...\n")
    assert check("handler.py") == ""
    write(database=_SESSIONS)
    assert "ASQ301" in check("handler.py")


def test_options_and_configuration_count(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    write(database=_ENGINE.format(config="config"), config=_URL.format("postgresql"))
    assert "ASQ102" in check()
    assert check("--ignore=ASQ1") == ""
    assert "ASQ102" not in check("--async-sqla-target=2.1")
    Path("setup.cfg").write_text("[flake8]\nignore = ASQ1\n", encoding="utf-8")
    assert main(["check"]) == 0
    Path("setup.cfg").write_text("[flake8]\n", encoding="utf-8")
    assert main(["check"]) == 1
    assert "ASQ102" in capsys.readouterr().out


def test_formats_say_the_same_from_the_cache(check: Check) -> None:
    write(database=_ENGINE.format(config="config"), config=_URL.format("postgresql"))
    for options in (
        ["--format=json"],
        ["--format=github"],
        ["--format=gitlab"],
        ["--show-source"],
        ["--format=pylint"],
    ):
        expected = check("--no-cache", *options)
        assert "ASQ102" in expected
        assert [check(*options), check(*options)] == [expected, expected]


@pytest.mark.parametrize("damage", [b"", b"{}", b"nonsense", b"0" * 32 + b"\n{}", None])
def test_damaged_cache_is_no_cache(damage: bytes | None, check: Check) -> None:
    write(database=_ENGINE.format(config="config"), config=_URL.format("postgresql"))
    first = check()
    for path in Path(CACHE_DIRECTORY).glob("*.json"):
        path.write_bytes(path.read_bytes()[:-7] if damage is None else damage)
    assert check() == first


def test_directory_that_cannot_be_written_is_no_cache(check: Check) -> None:
    write(database=_ENGINE.format(config="config"), config=_URL.format("postgresql"))
    Path(CACHE_DIRECTORY).write_text("a file", encoding="utf-8")
    assert check() == check() != ""


def test_cache_keeps_out_of_the_way(check: Check) -> None:
    write(database=_ENGINE.format(config="config"))
    check("--no-cache")
    assert not Path(CACHE_DIRECTORY).exists()
    check("--cache-dir=elsewhere")
    assert not Path(CACHE_DIRECTORY).exists()
    assert Path("elsewhere", ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert (
        Path("elsewhere", "CACHEDIR.TAG").read_text(encoding="utf-8").startswith("Signature: 8a477f597d28d172789f0688")
    )


def test_cache_stays_small(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_FILES", 4)
    write(database=_ENGINE.format(config="config"))
    for number in range(6):
        check(f"--max-line-length={100 + number}")
    assert len(list(Path(CACHE_DIRECTORY).glob("*.json"))) == 4
    monkeypatch.setattr(store, "MAX_BYTES", 100)
    write(database="import sqlalchemy\n")
    assert check() == check("--no-cache")


def test_runs_at_the_same_time(check: Check) -> None:
    for number in range(12):
        write(**{f"module{number}": _ENGINE.format(config="config")})
    write(config=_URL.format("postgresql"))
    command = [sys.executable, "-m", "flake8_async_sqla", "check", "--isolated"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = {process.communicate(timeout=120)[0] for process in running}
    assert said == {check("--no-cache")}
    assert check() in said
    assert not list(Path(CACHE_DIRECTORY).glob("*.tmp"))


def test_warm_run_imports_no_analysis(check: Check) -> None:
    write(database=_ENGINE.format(config="config"), config=_URL.format("postgresql"))
    program = (
        "import sys; from flake8_async_sqla.cli import main; main(['check', '--isolated']);"
        "names = ('flake8_async_sqla.rules', 'flake8_async_sqla.semantics.module', 'flake8.plugins', 'libcst');"
        "sys.exit(', '.join(name for name in names if name in sys.modules) or 0)"
    )
    command = [sys.executable, "-c", program]
    subprocess.run(command, capture_output=True, check=False)
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "ASQ102" in ended.stdout


def test_links_that_lead_nowhere(check: Check) -> None:
    write(database=_ENGINE.format(config="config"), config=_URL.format("postgresql"), handlers=_HANDLER)
    first = check()
    for name in ("round", "round.py", "nowhere", "nowhere.py"):
        Path(name).symlink_to("round" if name.startswith("round") else "missing")
    assert [row for row in check().splitlines() if "round" not in row] == first.splitlines()
    assert check() == check("--no-cache")
