"""The benchmark runs; what it measures is not judged here."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import corpus, environments, growth
from benchmarks.__main__ import main
from benchmarks.corpus import Distribution

EXAMPLE = Path(__file__).parents[2] / "docs" / "example"


@pytest.fixture(autouse=True)
def affinity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)


def test_tables_and_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environments, "made", lambda name, cache: None)
    paths = {"cache": tmp_path / "cache", "json": tmp_path / "found.json", "markdown": tmp_path / "found.md"}
    options = [f"--{name}={path}" for name, path in paths.items()]
    corpus = shutil.copytree(EXAMPLE, tmp_path / "corpus" / "example")  # bytecode is kept beside it
    main([f"--corpus={corpus}", "--rounds=1", *options])
    found = json.loads(paths["json"].read_text(encoding="utf-8"))
    series = {item["name"]: item for item in found["series"]}
    assert series["ruff, cold"]["values"] == []
    measured = [item for item in series.values() if item["values"]]
    assert all(len(item["values"]) == 1 for item in measured)
    own = {f"flake8-async-sqla in flake8, {state}, all files" for state in ("cold", "warm")}
    assert own | {"check, warm", "flake8 without plugins, all files", "fix, for each statement fixed"} <= {
        item["name"] for item in measured
    }
    assert all(found["inside"][name] > 0 for name in ("gate", "names and scopes", "ASQ102", "ASQ501"))
    page = paths["markdown"].read_text(encoding="utf-8")
    assert page in capsys.readouterr().out
    assert "| ruff, cold | not available |" in page
    assert "6 files with" in page


def test_corpus_is_what_was_pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archives = tmp_path / "sdists"
    archives.mkdir()
    archive = archives / "some_project-1.0.tar.gz"
    contents = {"a/app.py": b"import sqlalchemy\n", "a/old.py": b"print 1\n", "a/../../evil.py": b"", "a/data.bin": b""}
    with tarfile.open(archive, "w:gz") as opened:
        for name, data in contents.items():
            member = tarfile.TarInfo(f"some_project-1.0/{name}")
            member.size = len(data)
            opened.addfile(member, io.BytesIO(data))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    monkeypatch.setattr(corpus, "PINNED", (Distribution("some-project", "1.0", digest),))
    place = corpus.build(tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*.py")) == ["app.py", "old.py"]
    (found,) = corpus.files(place)
    assert corpus.uses_sqlalchemy(found)
    monkeypatch.setattr(corpus, "PINNED", (Distribution("some-project", "1.0", "0" * 64),))
    place.joinpath("some-project-1.0").rename(tmp_path / "away")
    with pytest.raises(SystemExit, match="is not the archive"):
        corpus.build(tmp_path)


def test_growth_is_measured_and_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(growth, "cpu", lambda command, place: 1.0 + len(list(place.rglob("*.py"))))
    growth.main([f"--scratch={tmp_path}", "--share=0.01", f"--docs={tmp_path}"])
    page = (tmp_path / "growth.md").read_text(encoding="utf-8")
    assert page in capsys.readouterr().out
    assert "| re-exports, ten deep, files | 5: 4.00 s | 10: 10.00 s |" in page
    drawn = ElementTree.fromstring((tmp_path / "growth.svg").read_text(encoding="utf-8"))
    names = [element.tag.rpartition("}")[2] for element in drawn.iter()]
    assert names.count("polyline") == 1 + len(growth.CASES)
    assert names.count("circle") == 5 * len(growth.CASES)


def test_generated_projects_are_sound(tmp_path: Path) -> None:
    for case in growth.CASES:
        place = tmp_path / case.unit / case.name
        place.mkdir(parents=True)
        case.write(place, case.size // 50)
        files = sorted(place.rglob("*.py"))
        assert files == corpus.files(place)
        assert any(map(corpus.uses_sqlalchemy, files))
