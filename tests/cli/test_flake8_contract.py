from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BAD = """\
from sqlalchemy.ext.asyncio import create_async_engine

one = create_async_engine("postgresql+psycopg2://h/é"); é = create_async_engine("mysql+pymysql://h", pool_class=X)
two = create_async_engine("postgresql+psycopg2://h")  # noqa
three = create_async_engine("postgresql+psycopg2://h", pool_class=X)  # noqa: ASQ102
four = create_async_engine(
    "postgresql+psycopg2://h",  # noqa:ASQ1
    pool_class=X,
)
"""
SELECT = ["--select=ASQ"]
CONFIGURATIONS: dict[str, tuple[list[str], str]] = {
    "none": (SELECT, ""),
    "selected": (SELECT, "select = E,F"),
    "ignore": (SELECT, "ignore = E501,ASQ106"),
    "extended": (["--select=ASQ,ASQ9"], "extend-ignore = ASQ106\nextend-select = ASQ9"),
    "longest prefix": ([], "select = E,ASQ102,ASQ9\nignore = ASQ106,ASQ10"),
    "per file": (SELECT, "per-file-ignores =\n    pkg/*: ASQ102\n    app.py: ASQ106,E1"),
    "exclude": (SELECT, "exclude = pkg\nextend-exclude = silent.py"),
    "file names": (SELECT, "filename = *.py,*.txt"),
    "disabled": (SELECT, "disable-noqa = True"),
    "own options": (SELECT, "async-sqla-target = 2.1\nasync-sqla-drivers = postgresql=psycopg"),
}
ARGUMENTS = [[], ["."], ["app.py", "pkg/mod.py"], ["--exclude=app.py"], ["--extend-ignore=ASQ102", "pkg"]]
VERSIONS = {"7.3.0": (3, 9), "7.4.1": (3, 10), "7.5.0": (3, 11)}
CHILD = """
import contextlib, io, json, sys
from pathlib import Path
import flake8
from flake8.main.cli import main as flake8_main
from flake8_async_sqla.cli import main

def rows(run, argv):
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(out):
        code = run(argv)
    return code, [row for row in out.buffer.getvalue().decode().splitlines() if " ASQ" in row]

answers = {"version": flake8.__version__}
configurations, arguments = json.load(sys.stdin)
for name, (options, configuration) in configurations.items():
    Path("setup.cfg").write_text(f"[flake8]\\n{configuration}\\n", encoding="utf-8")
    answers[name] = [
        (rows(flake8_main, ["--jobs=1", *options, *argv]), rows(main, ["check", *argv])) for argv in arguments
    ]
json.dump(answers, sys.stdout)
"""
Answers = dict[str, Any]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    (root / "pkg").mkdir()
    for name in ("app.py", "pkg/mod.py", "silent.py", "notes.txt"):
        (root / name).write_text(BAD, encoding="utf-8")
    (root / "windows.py").write_bytes(b"\xef\xbb\xbf" + BAD.replace("\n", "\r\n").encode())
    (root / "latin.py").write_bytes(b"# coding: latin-1\n\x0c\n" + BAD.encode("latin-1"))
    (root / "skipped.py").write_text(f"# flake8: noqa: ASQ101\n{BAD}", encoding="utf-8")
    return root


@pytest.fixture(scope="module", params=[version for version, since in VERSIONS.items() if sys.version_info >= since])
def answers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, project: Path) -> Answers:
    """What one version of flake8 and our command say about each configuration and each list of arguments."""
    cache = tmp_path_factory.mktemp("flake8") / request.param
    install = [sys.executable, "-m", "pip", "install", "-q", "--target", str(cache), f"flake8=={request.param}"]
    subprocess.run(install, check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        cwd=project,
        check=False,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(cache)},
        input=json.dumps([CONFIGURATIONS, ARGUMENTS]).encode(),
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")
    found: Answers = json.loads(done.stdout)
    assert found["version"] == request.param
    return found


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_check_reports_what_flake8_reports(configuration: str, answers: Answers) -> None:
    theirs, ours = zip(*answers[configuration], strict=True)
    assert [rows for _, rows in ours] == [rows for _, rows in theirs]
    assert [code for code, _ in ours] == [int(bool(rows)) for _, rows in theirs]
    assert any(rows for _, rows in theirs)
