from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.cli import main

SOURCE = """\
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine("postgresql+psycopg2://localhost/app", pool_timout=5)
"""
DRIVER = ("psycopg2", "asyncpg")
KEYWORD = ("pool_timout", "pool_timeout")


@pytest.mark.parametrize(
    ("options", "changes"),
    [
        ([], [DRIVER, KEYWORD]),
        (["--fixable", "ASQ102"], [DRIVER]),
        (["--unfixable=ASQ102"], [KEYWORD]),
        (["--fixable=ASQ102,ASQ106", "--unfixable=ASQ1"], [DRIVER, KEYWORD]),
        (["--extend-unsafe-fixes", "ASQ10"], []),
        (["--extend-unsafe-fixes", "ASQ10", "--extend-safe-fixes", "ASQ106"], [KEYWORD]),
        (["--extend-unsafe-fixes", "ASQ106", "--extend-safe-fixes", "ASQ106"], [DRIVER]),
        (["--extend-unsafe-fixes", "ASQ1", "--unsafe-fixes"], [DRIVER, KEYWORD]),
    ],
)
def test_longest_prefix_decides(
    options: list[str], changes: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("app.py").write_text(SOURCE, encoding="utf-8")
    assert main(["fix", "--isolated", *options]) == 0
    wanted = SOURCE
    for old, new in changes:
        wanted = wanted.replace(old, new)
    assert Path("app.py").read_text(encoding="utf-8") == wanted


@pytest.mark.parametrize("option", ["--fixable", "--unfixable", "--extend-safe-fixes", "--extend-unsafe-fixes"])
def test_unknown_code_is_an_error(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", option, "ASQ102,E501"]) == 2
    assert f"{option}: no code begins with 'E501'" in capsys.readouterr().err


def test_excluded_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "vendor" / "deep" / "app.py"
    path.parent.mkdir(parents=True)
    path.write_text(SOURCE, encoding="utf-8")
    (tmp_path / "setup.cfg").write_text("[flake8]\nexclude = vendor\n", encoding="utf-8")
    assert main(["check", str(path)]) == 1
    assert main(["check", "--force-exclude", str(path)]) == 0
    assert main(["check", "--force-exclude", "vendor/deep/app.py"]) == 0
    assert main(["fix", "--force-exclude", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == SOURCE
    assert main(["fix", str(path)]) == 0
    assert path.read_text(encoding="utf-8") != SOURCE


def test_colored_diff(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("app.py").write_text(SOURCE, encoding="utf-8")
    assert main(["fix", "--isolated", "--diff", "--color=always"]) == 1
    out = capsysbinary.readouterr().out
    assert b"\033[31m-engine" in out
    assert b"\033[32m+engine" in out
    assert main(["fix", "--isolated", "--diff"]) == 1
    assert b"\033" not in capsysbinary.readouterr().out
