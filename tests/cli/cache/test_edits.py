"""Whatever is edited, a run with the cache says what one without it says."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from flake8.main.cli import main as flake8

from flake8_async_sqla.cli import main
from flake8_async_sqla.semantics.files.project import forget
from tests.cli.cache.edits import edit, start


@pytest.mark.parametrize("command", ["check", "flake8"])
@pytest.mark.parametrize("seed", range(6))
def test_cached_findings_are_those_found_anew(
    seed: int, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    start(tmp_path)
    random = Random(seed)
    edits = ["start"]
    for _ in range(25 if command == "check" else 12):
        places = [place for place in random.choice(((), (), (), ("app",), ("tests",))) if Path(place).exists()]
        said = []
        for option in ("--max-line-length=79", "--async-sqla-no-cache"):
            forget()
            if command == "check":
                code = main(["check", "--isolated", *places, option])
            else:
                code = flake8(["--isolated", "--jobs=1", "--select=ASQ,E9", *places, option])
            said.append((code, *capsys.readouterr()))
        assert said[0] == said[1], edits
        edits = [edit(tmp_path, random) for _ in range(random.choice((0, 1, 1, 2)))]
