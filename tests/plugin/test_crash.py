from __future__ import annotations

from pathlib import Path

import pytest

from tests.plugin.running import BAD, IMPORT, flake8, rows, write

CRASHING = """
import sys
from flake8_async_sqla.rules.model import rule
from flake8_async_sqla.semantics.engine.engines import EngineCall

@rule("ASQ199", symptom="none")
def crashing_rule(subject: EngineCall, module):
    "A rule with a defect."
    if BEFORE:
        raise ERROR
    from flake8_async_sqla.rules.model import Diagnostic
    yield Diagnostic(subject.call, "found")
    raise ERROR

from flake8.main.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    "error", ["ValueError('first\\nsecond')", "RecursionError('too deep')", "KeyError(1)", "MemoryError()"]
)
def test_crash_of_one_rule_is_one_finding_and_the_run_goes_on(error: str, tmp_path: Path) -> None:
    write(tmp_path, {"pkg/app.py": IMPORT + BAD + BAD, "other.py": IMPORT + BAD, "silent.py": "x = 1\n"})
    program = CRASHING.replace("BEFORE", "True").replace("ERROR", error)
    done = flake8(tmp_path, "pkg/app.py", "other.py", "silent.py", python=("-c", program))
    assert sorted(rows(done)) == [
        "other.py:1:1 ASQ000",
        "other.py:2:30 ASQ102",
        "pkg/app.py:1:1 ASQ000",
        "pkg/app.py:2:30 ASQ102",
        "pkg/app.py:3:30 ASQ102",
    ]
    told = next(line for line in done.stdout.splitlines() if line.startswith("pkg") and "ASQ000" in line)
    assert f"internal error in ASQ199 (crashing-rule) on pkg/app.py: {error.partition('(')[0]}:" in told
    assert (done.returncode, done.stderr) == (1, "")


def test_what_a_rule_found_before_its_crash_is_kept(tmp_path: Path) -> None:
    program = CRASHING.replace("BEFORE", "False").replace("ERROR", "ValueError()")
    done = flake8(write(tmp_path, {"app.py": IMPORT + BAD}), "app.py", python=("-c", program))
    assert sorted(rows(done)) == ["app.py:1:1 ASQ000", "app.py:2:10 ASQ199", "app.py:2:30 ASQ102"]


ANALYSIS = """
import sys
from flake8_async_sqla.rules import run

def crashing(module, call):
    raise IndexError("no such argument")

run.call_subjects = crashing

from flake8.main.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_crash_of_the_analysis_is_one_finding_and_the_run_goes_on(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": IMPORT + BAD + BAD, "unused.py": "import os\n"})
    done = flake8(tmp_path, "app.py", "unused.py", "--select=ASQ,F401", python=("-c", ANALYSIS))
    assert sorted(rows(done)) == ["app.py:1:1 ASQ000", "unused.py:1:1 F401"]
    assert "internal error in the analysis on app.py: IndexError: no such argument" in done.stdout
    assert (done.returncode, done.stderr) == (1, "")
