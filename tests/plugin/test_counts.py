"""What linting a file of a project costs, in counts that no machine changes: what is read, parsed and looked into."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from flake8_async_sqla.rules.run import findings
from flake8_async_sqla.semantics.files import outlines
from flake8_async_sqla.semantics.files.fragments import Fragments
from flake8_async_sqla.semantics.names import index as indexing
from flake8_async_sqla.semantics.names.nodes import Nodes
from flake8_async_sqla.semantics.settings import Settings

OTHERS = 200
FILES = {
    "pyproject.toml": "",
    "database.py": "from sqlalchemy.ext.asyncio import AsyncSession as Session\n"
    + "".join(f"def unrelated_{number}():\n    return {number}\n" for number in range(OTHERS)),
    "other.py": "def helper():\n    return 1\n",
    "app.py": "import logging\nfrom database import Session\nfrom other import helper\n\n\n"
    "async def work(session: Session):\n    logging.info('works')\n    helper()\n    session.commit()\n",
    "plain.py": "import logging\nfrom other import helper\n\n\nasync def work():\n    logging.info(helper())\n",
}


@pytest.fixture
def counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Write the project and count what is done with it."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    counter: Counter[str] = Counter()

    def count(owner: object, attribute: str, what: str) -> None:
        original = getattr(owner, attribute)

        def counted(*args: object) -> object:
            counter[what] += 1
            return original(*args)

        monkeypatch.setattr(owner, attribute, counted)

    count(indexing, "parse", "files parsed")
    count(outlines, "read_bytes", "files outlined")
    count(Fragments, "parse", "parts parsed")
    count(Nodes, "expand", "statements looked into")
    return counter


def lint(folder: Path, name: str) -> list[str]:
    source = FILES[name]
    codes = [code for code, rule in load().items() if not rule.opinion]
    lines = source.splitlines(keepends=True)
    found = findings(ast.parse(source), lines, str(folder / name), Settings(), codes, positions_only=True)
    return [f"{item.code}:{item.at.lineno}" for item in found]  # type: ignore[attr-defined]


def test_of_a_followed_file_only_what_binds_the_name_is_parsed(tmp_path: Path, counts: Counter[str]) -> None:
    assert lint(tmp_path, "app.py") == ["ASQ301:9"]
    assert counts["files parsed"] == 0
    assert counts["parts parsed"] <= 4
    assert counts["files outlined"] <= 2
    assert counts["statements looked into"] <= 4 * len(FILES["app.py"].splitlines())


def test_a_file_that_reaches_no_database_is_not_looked_into(tmp_path: Path, counts: Counter[str]) -> None:
    assert lint(tmp_path, "plain.py") == []
    assert counts["files parsed"] == counts["parts parsed"] == counts["statements looked into"] == 0
