"""Start a rule: its file, its fixture, its proof and its changelog fragment."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from pathlib import Path

from flake8_async_sqla.dev.pages import REQUIRED

FAMILIES = {
    "1": "engine",
    "2": "sessions",
    "3": "awaiting",
    "4": "sync_api",
    "5": "implicit_io",
    "6": "blocking",
    "7": "transactions",
    "8": "migrations",
    "9": "opinions",
}

_RULE = '''"""
# {name}

{page}
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.semantics.module import Module


@rule("{code}", symptom="what the user sees")
def {function}(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report what goes wrong."""
    yield from ()
'''

_FIXTURE = """# What must be found is marked with {code}; what must not be found has no mark.
raise NotImplementedError  # {code}
"""

_PROOF = '''from __future__ import annotations

import pytest

from flake8_async_sqla.rules import load
from tests.sqlalchemy_versions import run, supported

SERIES = [series for series in supported() if series != "1.4"]

BAD = """
# The page's example, made to run.
"""

GOOD = """
raise NotImplementedError
"""


@pytest.mark.parametrize("series", SERIES)
def test_bad_shows_the_symptom(series: str) -> None:
    done = run(series, BAD)
    assert done.returncode != 0
    assert load()["{code}"].symptom in done.stderr


@pytest.mark.parametrize("series", SERIES)
def test_good_runs_clean(series: str) -> None:
    done = run(series, GOOD)
    assert (done.returncode, done.stderr) == (0, "")
'''


def code(text: str) -> str:
    """Check a rule's code.

    Raises:
        ArgumentTypeError: It is not ``ASQ`` and three digits, or belongs to no family.
    """
    if not re.fullmatch(r"ASQ[1-9][0-9]{2}", text):
        raise ArgumentTypeError("a code is ASQ and three digits, the first not 0")
    return text


def name(text: str) -> str:
    """Check a rule's name.

    Raises:
        ArgumentTypeError: It is not in kebab case.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", text):
        raise ArgumentTypeError("a name is words in kebab case, as sync-pool-on-async-engine")
    return text


def scaffold(root: Path, code: str, name: str) -> list[Path]:
    """Write the files of a new rule.

    Args:
        root: The repository.
        code: The rule's code.
        name: The rule's name in kebab case.

    Returns:
        The paths written.

    Raises:
        FileExistsError: One of them is already there; nothing was written.
    """
    function = name.replace("-", "_")
    family = root / "flake8_async_sqla/rules" / FAMILIES[code[3]]
    page = "\n\n".join(f"## {heading}" for heading in REQUIRED)
    texts = {
        family / f"{function}.py": _RULE.format(code=code, name=name, function=function, page=page),
        root / f"tests/rules/fixtures/{code}_{function}.py": _FIXTURE.format(code=code),
        root / f"tests/proofs/test_{code.lower()}.py": _PROOF.format(code=code),
        root / f"changelog.d/+{code.lower()}.rule.md": f"`{code}` {name}: what it finds, in one sentence.\n",
    }
    if taken := [str(path) for path in texts if path.exists()]:
        raise FileExistsError(f"already there: {', '.join(taken)}")
    if not (family / "__init__.py").exists():
        texts[family / "__init__.py"] = ""
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(texts)
