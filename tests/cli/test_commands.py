from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flake8_async_sqla import __version__
from flake8_async_sqla.cli import main
from flake8_async_sqla.rules import load

URL = "postgresql+psycopg2://localhost/app"
BAD = f"""\
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine("{URL}")  # keep me
"""
GOOD = BAD.replace("psycopg2", "asyncpg")
FINDING = "app.py:3:30: ASQ102 "


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "app.py"
    path.write_text(BAD, encoding="utf-8")
    return path


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    return lambda data: monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_check_prints_findings_as_flake8_does(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "app.py"]) == 1
    assert capsys.readouterr().out.startswith(FINDING)
    app.write_text(GOOD, encoding="utf-8")
    assert main(["check", "app.py"]) == 0
    assert capsys.readouterr().out == ""


def test_fix_writes_and_is_done(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", "app.py"]) == 0
    assert app.read_text(encoding="utf-8") == GOOD
    assert capsys.readouterr().err == "Fixed 1 finding (ASQ102: 1).\n"
    before = app.stat()
    assert main(["fix"]) == 0
    assert app.stat().st_mtime_ns == before.st_mtime_ns
    assert capsys.readouterr().err == "Nothing fixed.\n"


@pytest.mark.parametrize("options", [["--diff"], ["--check"], ["--diff", "--check"]])
def test_diff_and_check_write_nothing(options: list[str], app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", *options]) == 1
    assert app.read_text(encoding="utf-8") == BAD
    shown = capsys.readouterr()
    assert shown.err == "Would fix 1 finding (ASQ102: 1).\n"
    assert ("+++ app.py\n" in shown.out and GOOD.splitlines()[2] in shown.out) is ("--diff" in options)
    app.write_text(GOOD, encoding="utf-8")
    assert main(["fix", *options]) == 0


def test_difference_of_a_windows_file_without_a_last_newline(
    app: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    app.write_bytes(BAD.replace("\n", "\r\n").strip().encode())
    assert main(["fix", "--diff", "app.py"]) == 1
    out = capsysbinary.readouterr().out
    assert b"  # keep me\n\\ No newline at end of file\n+engine" in out
    assert b" from sqlalchemy.ext.asyncio import create_async_engine\r\n" in out


def test_standard_input_becomes_standard_output(
    stdin: Callable[[bytes], None], capsysbinary: pytest.CaptureFixture[bytes], app: Path
) -> None:
    stdin(BAD.replace("\n", "\r\n").encode())
    assert main(["fix", "-"]) == 0
    assert capsysbinary.readouterr().out == GOOD.replace("\n", "\r\n").encode()
    stdin(BAD.encode())
    assert main(["check", "--stdin-display-name", "sub/x.py", "-"]) == 1
    assert capsysbinary.readouterr().out.startswith(b"sub/x.py:3:30: ASQ102 ")
    stdin(BAD.encode())
    assert main(["check", "--stdin-display-name", "x.py", "--per-file-ignores", "x.py:ASQ1", "-"]) == 0


@pytest.mark.parametrize(
    "configuration",
    [
        "ignore = ASQ102",
        "extend-ignore = ASQ1",
        "per-file-ignores = app.py:ASQ102",
        "exclude = app.py",
        "filename = x*",
    ],
)
def test_configured_silence_is_respected(configuration: str, app: Path) -> None:
    Path("setup.cfg").write_text(f"[flake8]\n{configuration}\n", encoding="utf-8")
    assert main(["check"]) == 0
    assert main(["fix"]) == 0
    assert app.read_text(encoding="utf-8") == BAD


@pytest.mark.parametrize("comment", ["  # noqa", "  # noqa: ASQ102", "  # NOQA:E501,ASQ1", "\n# flake8: noqa"])
def test_comment_silences(comment: str, app: Path) -> None:
    source = BAD.replace("  # keep me", comment)
    app.write_text(source, encoding="utf-8")
    assert main(["fix"]) == 0
    assert app.read_text(encoding="utf-8") == source
    assert main(["check", "--disable-noqa"]) == 1


def test_rules_need_not_be_selected(app: Path) -> None:
    Path("setup.cfg").write_text("[flake8]\nselect = E9\nasync-sqla-drivers = postgresql=psycopg\n", encoding="utf-8")
    assert main(["fix"]) == 0
    assert app.read_text(encoding="utf-8") == BAD.replace("psycopg2", "psycopg")


BROKEN = {
    "syntax": (b"def f(:\n", "app.py:1:"),
    "null byte": (b"x = 1\0\n", "app.py"),
    "encoding": (b"x = '\xe9'\n", "app.py: the file cannot be decoded"),
    "cookie": (b"# coding: klingon\n", "app.py: the file cannot be decoded"),
    "nesting": (b"x = " + b"(" * 5000 + b")" * 5000 + b"\n", "app.py"),
}


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("command", ["check", "fix"])
def test_unusable_file_is_one_message(command: str, case: str, app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content, message = BROKEN[case]
    app.write_bytes(content)
    Path("good.py").write_text(BAD, encoding="utf-8")
    assert main([command, "app.py", "good.py"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith(message)
    assert not any("Traceback" in line for line in lines)
    assert app.read_bytes() == content
    assert (Path("good.py").read_text(encoding="utf-8") == GOOD) is (command == "fix")


def test_missing_and_unreadable_files_are_one_message(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "missing.py"]) == 2
    assert capsys.readouterr().err == "missing.py: No such file or directory\n"
    Path("loop.py").symlink_to("loop.py")
    assert main(["fix", "loop.py"]) == 2
    assert "symbolic links" in capsys.readouterr().err


def test_read_only_file_is_one_message(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app.chmod(0o444)
    assert main(["fix", "app.py"]) == 2
    assert capsys.readouterr().err.splitlines()[0].endswith("app.py: the file is read-only")
    assert app.read_text(encoding="utf-8") == BAD


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "usage: flake8-async-sqla"),
        (["fxi"], "invalid choice"),
        (["check", "--no-such-option"], "unrecognized arguments: --no-such-option"),
        (["check", "--async-sqla-target", "3"], "--async-sqla-target: 3 is not one of"),
        (["check", "--config", "missing.cfg"], "missing.cfg"),
        (["rules", "extra"], "unrecognized arguments: extra"),
        (["explain", "ASQ10"], "there is no rule ASQ10; did you mean ASQ10"),
        (["explain", "pool"], "there is no rule pool; "),
    ],
)
def test_wrong_use_is_one_message(argv: list[str], message: str, app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_bad_configuration_is_one_message(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("setup.cfg").write_text("[flake8]\nignore = TOOLONG12345\n", encoding="utf-8")
    assert main(["check"]) == 2
    assert capsys.readouterr().err.startswith("flake8-async-sqla: flake8 refuses its configuration: ")


def test_every_rule_is_listed_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert rows[0].split() == ["code", "name", "fix", "opinion", "symptom"]
    assert [row.split()[:2] for row in rows[1:]] == [[rule.code, rule.name] for rule in load().values()]
    for rule in load().values():
        for word in (rule.code, rule.code.lower(), rule.name):
            assert main(["explain", word]) == 0
            assert rule.page in capsys.readouterr().out


def test_module_runs_and_tells_its_version(app: Path) -> None:
    command = [sys.executable, "-m", "flake8_async_sqla"]
    version = subprocess.run([*command, "--version"], check=True, capture_output=True, text=True)
    assert version.stdout == f"flake8-async-sqla {__version__}\n"
    env = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([*command, "check"], check=False, capture_output=True, text=True, env=env)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("./" + FINDING)
