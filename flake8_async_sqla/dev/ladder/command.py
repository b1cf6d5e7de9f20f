"""``python -m flake8_async_sqla.dev ladder L1 DIRECTORY``: a project's tests before and after its migration."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from flake8_async_sqla.dev.ladder.postgres import postgres
from flake8_async_sqla.dev.ladder.rungs import RUNGS, Rung

_GREEN = ("-W", "error::RuntimeWarning", "-W", "error::pytest.PytestUnraisableExceptionWarning")
_HEAD = ("", "tests before", "tests after", "lines by hand", "coloured", "bridged", "refused", "second run", "seconds")


@dataclass(frozen=True, slots=True)
class Score:
    """What came of one project.

    Attributes:
        before: Tests that passed, and all, of the synchronous project.
        after: The same of the migrated one; a warning about a coroutine that nobody awaits fails a test.
        coloured: Functions that became coroutine functions.
        bridged: Places where synchronous code runs a coroutine.
        refused: Files that stay as they were, with all they hang together with.
        again: What a second run of the migration would change.
        seconds: Time of the migration.
    """

    before: tuple[int, int]
    after: tuple[int, int]
    coloured: int
    bridged: int
    refused: int
    again: str
    seconds: float


def main(arguments: list[str]) -> int:
    """Climb one rung.

    Args:
        arguments: The command line.

    Returns:
        0 when as many tests pass as before, and a second run changes nothing.
    """
    parser = argparse.ArgumentParser(prog="python -m flake8_async_sqla.dev ladder", description=__doc__)
    wheres = "; ".join(f"{name}: {rung.project}" for name, rung in RUNGS.items())
    parser.add_argument("rung", choices=sorted(RUNGS), help=wheres)
    parser.add_argument("project", type=Path, help="the project's directory; it stays as it is")
    parser.add_argument("--python", default=sys.executable, help="an interpreter with what the project's tests need")
    parser.add_argument("--keep", type=Path, help="a new directory for the migrated project and the report")
    chosen = parser.parse_args(arguments)
    rung = RUNGS[chosen.rung]
    with tempfile.TemporaryDirectory(prefix="ladder-") as directory:
        copy = chosen.keep or Path(directory, "project")
        score = _score(rung, chosen.project, copy, Path(directory), chosen.python)
    words = (
        chosen.rung, f"{score.before[0]}/{score.before[1]}", f"{score.after[0]}/{score.after[1]}",
        str(len(rung.by_hand)), str(score.coloured), str(score.bridged), str(score.refused), score.again,
        f"{score.seconds:.1f}",
    )  # fmt: skip
    for row in (_HEAD, tuple("---" for _ in _HEAD), words):
        print(f"| {' | '.join(row)} |")
    return 0 if score.after == score.before and score.again == "empty" else 1


def _score(rung: Rung, project: Path, copy: Path, directory: Path, python: str) -> Score:
    _copied(rung, project, copy)
    with postgres(directory, ("before", "after")) if rung.database else nullcontext(0) as port:
        before = _tested(rung, copy, directory, python, _environment(rung, copy, python, port, "before"), ())
        start = time.perf_counter()
        _migrate(rung, copy, "--write", "--report", str(directory / "report.json"))
        seconds = time.perf_counter() - start
        found = json.loads((directory / "report.json").read_text(encoding="utf-8"))
        after = _tested(rung, copy, directory, python, _environment(rung, copy, python, port, "after"), _GREEN)
    again = _migrate(rung, copy)
    shutil.copy(directory / "report.json", copy / "migration.json")
    counts = (len(found["coloured"]), len(found["bridges"]), len(found["refused"]))
    return Score(before, after, *counts, "changes" if again else "empty", seconds)


def _copied(rung: Rung, project: Path, copy: Path) -> None:
    """Copy what the rung needs, and mark the copy as a project of its own."""
    places = {place for part in rung.parts for place in project.glob(part) if place.is_file()}
    places = {place for place in places if not {".git", "__pycache__"} & set(place.relative_to(project).parts)}
    if not places:
        raise SystemExit(f"{project} does not look like {rung.project}")
    for place in places:
        target = copy / place.relative_to(project)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(place, target)
    for path, old, new in rung.by_hand:
        file = copy / path
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    if not (copy / "pyproject.toml").exists():
        (copy / "pyproject.toml").touch()


def _environment(rung: Rung, copy: Path, python: str, port: int, database: str) -> dict[str, str]:
    places = os.pathsep.join([str(copy), *(str(copy / place) for place in rung.imported)])
    found = {**os.environ, **rung.environment, "PYTHONPATH": places, "PYTHONDONTWRITEBYTECODE": "1"}
    found["PATH"] = os.pathsep.join([str(Path(python).parent), os.environ.get("PATH", "")])
    if rung.database:
        found |= {"POSTGRES_PORT": str(port), "POSTGRES_DB": database}
    return found


def _tested(
    rung: Rung, copy: Path, directory: Path, python: str, environment: Mapping[str, str], options: tuple[str, ...]
) -> tuple[int, int]:
    """Set a project up and run its tests."""
    for words in rung.setup:
        subprocess.run([python, *words], cwd=copy, env=environment, check=True, stdout=subprocess.DEVNULL)
    apart = sorted(str(place) for part in rung.apart for place in copy.glob(part))
    passed = total = 0
    for targets in filter(None, (rung.targets, *((target,) for target in apart))):
        results = directory / "results.xml"
        words = ("-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={results}", *options, *targets)
        done = subprocess.run([python, *words], cwd=copy, env=environment, check=False, stdout=subprocess.PIPE)
        sys.stderr.write(done.stdout.decode())
        suite = next(ElementTree.parse(results).getroot().iter("testsuite")).attrib
        total += int(suite["tests"])
        passed += int(suite["tests"]) - int(suite["failures"]) - int(suite["errors"])
    return passed, total


def _migrate(rung: Rung, copy: Path, *options: str) -> str:
    """Run the command, and return the difference it shows."""
    words = ["-m", "flake8_async_sqla", "migrate", *rung.sources, "--tests", *rung.tests, *rung.options, *options]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run([sys.executable, *words], cwd=copy, env=environment, check=False, stdout=subprocess.PIPE)
    if done.returncode > 1:
        raise SystemExit("the migration ended with an error")
    return done.stdout.decode()
