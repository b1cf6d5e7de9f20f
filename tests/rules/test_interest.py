"""A rule that names what it looks at misses nothing that is called otherwise."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from flake8_async_sqla.rules.run import findings
from flake8_async_sqla.semantics.names.nodes import last_name
from flake8_async_sqla.semantics.settings import Settings

SPELLINGS = {
    "alias of a function": (
        "ASQ403",
        "from sqlalchemy import inspect as look\nfrom sqlalchemy.ext.asyncio import create_async_engine\n"
        'look(create_async_engine("sqlite+aiosqlite://"))\n',
    ),
    "function in a variable": (
        "ASQ403",
        "import sqlalchemy as sa\nfrom sqlalchemy.ext.asyncio import create_async_engine\nlook = sa.inspect\n"
        'look(create_async_engine("sqlite+aiosqlite://"))\n',
    ),
    "method in a variable": (
        "ASQ301",
        "from sqlalchemy.ext.asyncio import AsyncSession\n\n\nasync def f(session: AsyncSession):\n"
        "    save = session.commit\n    save()\n",
    ),
    "name that is bound again": (
        "ASQ301",
        "import json as session\nfrom sqlalchemy.ext.asyncio import AsyncSession\n\n\n"
        "async def f(session: AsyncSession):\n    session.commit()\n",
    ),
    "keyword argument": (
        "ASQ402",
        "from sqlalchemy import MetaData, Table as T\nfrom sqlalchemy.ext.asyncio import create_async_engine\n"
        'T("a", MetaData(), autoload_with=create_async_engine("sqlite+aiosqlite://"))\n',
    ),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_other_names_are_found(name: str, tmp_path: Path) -> None:
    code, source = SPELLINGS[name]
    path = tmp_path / "app.py"
    path.write_text(source)
    found = findings(ast.parse(source), source.splitlines(keepends=True), str(path), Settings(), load())
    assert code in {item.code for item in found}


@pytest.mark.parametrize(
    ("source", "name"), [("a", "a"), ("a.b", "b"), ("a.b[c].d", "d"), ("a.b(c)", "b"), ("a[b]", "a"), ("(a or b)", "")]
)
def test_the_last_name_of_what_is_called(source: str, name: str) -> None:
    assert last_name(ast.parse(source, mode="eval").body) == name
