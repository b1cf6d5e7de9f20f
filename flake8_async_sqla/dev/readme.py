"""The README's own examples: the commands that CI runs, and the output that it shows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"

_BLOCK = re.compile(r"(<!-- findings -->\n```text\n)(.*?)(```\n)", re.DOTALL)
_COMMAND = re.compile(r"^```sh\n(python3 -m venv .+)\n```$", re.MULTILINE)


def commands() -> list[str]:
    """Return the README's two commands: lint the example, run the tests."""
    return _COMMAND.findall(README.read_text(encoding="utf-8"))


def shown() -> str:
    """Return the findings that the README shows."""
    found = _BLOCK.search(README.read_text(encoding="utf-8"))
    assert found, "README.md has no <!-- findings --> block"
    return found[2]


def real() -> str:
    """Lint the example as the README's first command does.

    Returns:
        What flake8 prints.
    """
    lint = commands()[0].rpartition(" && ")[2]
    arguments = lint.split()[1:]
    command = [sys.executable, "-m", "flake8", "--jobs=1", *arguments]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if result.stderr or result.returncode not in (0, 1):
        raise RuntimeError(result.stderr)
    return result.stdout


def rewrite() -> None:
    """Let the README show what the linter really says."""
    output = real()
    text = README.read_text(encoding="utf-8")
    README.write_text(_BLOCK.sub(lambda found: found[1] + output + found[3], text), encoding="utf-8")
