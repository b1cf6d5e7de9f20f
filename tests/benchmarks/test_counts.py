"""How much work linting is, counted rather than timed: the counts are the same on every machine.

A bound that fails says that every user's run got slower. Raise it with a reason, lower it when work was saved.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from flake8_async_sqla.rules import load
from flake8_async_sqla.rules.run import findings
from flake8_async_sqla.semantics.files import project as projects
from flake8_async_sqla.semantics.files import source
from flake8_async_sqla.semantics.inference import infer
from flake8_async_sqla.semantics.settings import Settings
from tests.cli.cache.edits import start

EXAMPLE = Path(__file__).parents[2] / "docs" / "example"
MOST = {
    "example": {"read": 20, "loaded": 7, "parsed": 7, "characters": 1100, "nodes": 180, "inferred": 210},
    "application": {"read": 55, "loaded": 11, "parsed": 6, "characters": 240, "nodes": 125, "inferred": 90},
}
"""Files read, modules loaded, pieces parsed and their characters besides the files at hand, nodes visited, types
inferred: about a tenth more than was counted, for versions of Python differ."""


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    found: Counter[str] = Counter()

    def count(owner: Any, attribute: str, name: str) -> None:
        real = getattr(owner, attribute)

        def counting(*args: Any, **kwargs: Any) -> Any:
            found[name] += 1
            if name == "parsed":
                found["characters"] += len(args[0].lstrip())
            return real(*args, **kwargs)

        monkeypatch.setattr(owner, attribute, counting)

    count(source, "_bytes", "read")
    count(projects.Project, "add", "loaded")
    count(infer, "infer", "inferred")
    count(ast, "parse", "parsed")
    return found


@pytest.fixture(params=MOST)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "example":
        return EXAMPLE
    start(tmp_path / "application")
    return tmp_path / "application"


def test_work_does_not_grow(place: Path, counted: Counter[str]) -> None:
    settings = Settings()
    codes = frozenset(load())
    projects.forget()
    for path in sorted(place.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        tree = compile(text, str(path), "exec", ast.PyCF_ONLY_AST)
        assert isinstance(tree, ast.Module)
        list(findings(tree, text.splitlines(keepends=True), str(path), settings, codes, positions_only=True))
        module = projects.project_of(str(path), settings).load(str(path))
        assert module is not None
        counted["nodes"] += sum(len(scope.nodes) for scope in module.index.scopes.values())
    assert all(counted.values())
    assert {name: counted[name] for name, most in MOST[place.name].items() if counted[name] > most} == {}


def test_linting_loads_no_libcst() -> None:
    program = (
        "import sys; from flake8.main.cli import main; main(['--isolated', '-j1', '--select=ASQ', sys.argv[1]]);"
        "sys.exit('libcst' in sys.modules)"
    )
    command = [sys.executable, "-c", program, str(EXAMPLE)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "ASQ102" in ended.stdout


def test_second_run_reads_each_file_once_and_loads_no_rule(tmp_path: Path) -> None:
    program = (
        "import sys; from collections import Counter; from flake8_async_sqla.semantics.files import source\n"
        "found, read, entries = Counter(), source._bytes, source.entries\n"
        "source._bytes = lambda path: (found.update(['read ' + path]), read(path))[1]\n"
        "source.entries = lambda path: (found.update(['list ' + path]), entries(path))[1]\n"
        "from flake8.main.cli import main; main(['--isolated', '-j1', '--select=ASQ', '.'])\n"
        "modules = [name for name in sys.modules if name.startswith('flake8_async_sqla.')]\n"
        "print(len(found), max(found.values()), len(modules), file=sys.stderr)"
    )
    start(tmp_path)
    runs = [
        subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
        for _ in range(2)
    ]
    assert runs[0].stdout == runs[1].stdout != ""
    different, most, modules = map(int, runs[1].stderr.split())
    assert 0 < different <= 50
    assert most == 1
    assert modules <= 13


def test_version_loads_no_analysis() -> None:
    program = (
        "import sys; from flake8.main.cli import main\n"
        "try: main(['--version'])\n"
        "finally: print([name for name in sys.modules if name.startswith('flake8_async_sqla')], file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.stderr.strip().splitlines()[-1] == "['flake8_async_sqla', 'flake8_async_sqla.plugin']"
