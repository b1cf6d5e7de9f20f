"""One round: everything once, each beside `ast.parse` of the same files."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.commands import TOOL, cpu, environment, much_to_fix
from benchmarks.corpus import uses_sqlalchemy
from benchmarks.environments import PEERS
from benchmarks.figures import Series

WORKER = Path(__file__).with_name("worker.py")
INSIDE = Path(__file__).with_name("inside.py")
OWN = "flake8-async-sqla"
_PARSE = "import ast, sys\nfor name in sys.stdin.read().splitlines(): ast.parse(open(name, 'rb').read())"
RUFF = ["check", "--isolated", "--no-cache", "--exit-zero", "--silent", "--select", "ASYNC,FAST"]


class Rounds:
    """All series of a benchmark."""

    def __init__(self, place: Path, files: Sequence[Path], programs: dict[str, Path | None], scratch: Path) -> None:
        """Prepare.

        Args:
            place: The directory that commands check.
            files: The files in it.
            programs: Where the programs of each peer are.
            scratch: A directory for what is written.
        """
        self._place, self._scratch, self._programs = place, scratch, programs
        self._files = [str(path) for path in files]
        self._uses = [uses_sqlalchemy(path) for path in files]
        self._text = "\n".join(self._files)
        self.series: dict[str, Series] = {}
        self._parsed: list[int] = []

    def run(self) -> None:
        """Measure everything once."""
        base = self._work(["parse"])
        self._parsed = base["parsed"]
        cache = self._scratch / "kept"
        shutil.rmtree(cache, ignore_errors=True)
        own = [OWN, "--select=ASQ", f"--async-sqla-cache-dir={cache}"]
        cold = self._plugin(own, f"{OWN} in flake8, cold")
        self._plugin(own, f"{OWN} in flake8, warm")
        core = self._plugin(["core"], "flake8 without plugins")
        self._add("memory that the plugin adds to flake8", (cold - core) / 1000, "MB")
        for name in PEERS:
            if name.startswith("flake8-"):
                self._peer(name)
        self._commands()

    def inside(self) -> dict[str, float]:
        """Return what phases and rules cost, in multiples of `ast.parse`."""
        found = self._script([sys.executable, INSIDE], self._text)
        return {name: value / sum(self._parsed) for name, value in found.items()}

    def _add(self, name: str, value: float | None, unit: str = "x", note: str = "") -> None:
        item = self.series.setdefault(name, Series(name, unit, [], note))
        if value is not None:
            item.values.append(value)

    def _plugin(self, plugin: Sequence[str], name: str) -> int:
        """Measure a plugin, and return the kilobytes that the process took."""
        found = self._work(plugin)
        # What a plugin keeps in memory makes `ast.parse` of later files slower: that is its cost too.
        extra = [
            own + parsed - alone
            for own, parsed, alone in zip(found["checked"], found["parsed"], self._parsed, strict=True)
        ]
        self._add(f"{name}, all files", sum(extra) / sum(self._parsed))
        pairs = [(cost, parsed) for cost, parsed, uses in zip(extra, self._parsed, self._uses, strict=True) if uses]
        if pairs and plugin[0] != "core":
            self._add(f"{name}, files that use SQLAlchemy", sum(a for a, _ in pairs) / sum(b for _, b in pairs))
        return int(found["memory"])

    def _peer(self, name: str) -> None:
        label, programs = f"{name} in flake8", self._programs.get(name)
        if programs is None:
            self._add(f"{label}, all files", None)
            return
        step = 100 if name == "flake8-async" else 1
        found = self._work([name], programs / "python", step)
        alone = self._parsed[::step]
        note = f"one file in {step}" if step > 1 else ""
        cost = sum(found["checked"]) + sum(found["parsed"]) - sum(alone)
        self._add(f"{label}, all files", cost / sum(alone), note=note)

    def _commands(self) -> None:
        parse = cpu([sys.executable, "-c", _PARSE], self._place, text=self._text)
        cache = self._scratch / "cache"
        shutil.rmtree(cache, ignore_errors=True)
        check = [*TOOL, "check", "--isolated", "--exit-zero", "--exclude=.git", "--cache-dir", str(cache), "."]
        self._add("check --no-cache", cpu([*check, "--no-cache"], self._place) / parse)
        self._add("check, cold", cpu(check, self._place) / parse, note="fills the cache")
        warm = cpu(check, self._place)
        self._add("check, warm", warm / parse)
        for name, command in (("ruff", RUFF), ("ast-grep", ["run", "-p", "$A.execute($$$)", "-l", "py", "-j", "1"])):
            programs = self._programs.get(name)
            taken = cpu([programs / name, *command, "."], self._place) if programs is not None else None
            self._add(f"{name}, cold", None if taken is None else taken / parse)
            if name == "ruff" and taken is not None:
                self._add("check, warm, as part of ruff, cold", 100 * warm / taken, "%")
        self._fixes(parse)
        version = [sys.executable, "-m", "flake8", "--version"]
        self._add("flake8 --version", self._start(version), "ms", "with the plugin")
        programs = self._programs.get("flake8")
        alone = None if programs is None else self._start([programs / "python", *version[1:]])
        self._add("flake8 --version, flake8 alone", alone, "ms")

    def _start(self, command: Sequence[str | Path]) -> float:
        return 1000 * statistics.median(cpu(command, self._place) for _ in range(5))

    def _fixes(self, parse: float) -> None:
        fix = [*TOOL, "fix", "--isolated", "--select=ASQ", "--check", "."]
        cache = self._scratch / "fixed"
        shutil.rmtree(cache, ignore_errors=True)
        for when in ("cold", "warm"):
            taken = cpu([*fix, "--exclude=.git", "--cache-dir", str(cache)], self._place)
            self._add(f"fix, next to nothing to fix, {when}", taken / parse)
        fix.append("--no-cache")
        much = self._scratch / "much"
        statements = much_to_fix(much, 20)
        start = cpu([*fix, "--fixable=ASQ1"], much)
        self._add("fix, for each statement fixed", 1000 * (cpu(fix, much) - start) / statements, "ms")
        models = self._place / "sqlmodel-0.0.50" / "docs_src"
        if models.is_dir():
            text = "\n".join(map(str, sorted(models.rglob("*.py"))))
            alone = cpu([sys.executable, "-c", _PARSE], self._place, text=text)
            self._add(
                "migrate, a plan for sqlmodel's examples", cpu([*TOOL, "migrate", "docs_src"], models.parent) / alone
            )

    def _work(self, plugin: Sequence[str], python: Path = Path(sys.executable), step: int = 1) -> dict[str, Any]:
        return self._script([python, WORKER, *plugin], "\n".join(self._files[::step]))

    def _script(self, command: list[str | Path], text: str) -> dict[str, Any]:
        ended = subprocess.run(
            command,
            cwd=self._place,
            input=text,
            capture_output=True,
            text=True,
            env=environment(self._place),
            check=False,
        )
        if ended.returncode:
            raise SystemExit(f"{command} ended with {ended.returncode}:\n{ended.stderr}")
        found: dict[str, Any] = json.loads(ended.stdout)
        return found
