from __future__ import annotations

from pathlib import Path

import pytest

from tests.plugin.running import codes, flake8, rows, write

SOURCE = """\
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
engine = create_async_engine("postgresql+psycopg2://u:p@h/db", pool_class=None)
factory = async_sessionmaker(engine)
"""
SELECTED: dict[str, tuple[list[str], list[str]]] = {
    "nothing said": ([], ["ASQ102", "ASQ106"]),
    "family": (["--select=ASQ"], ["ASQ102", "ASQ106"]),
    "ignore": (["--ignore=E501"], ["ASQ102", "ASQ106"]),
    "extend ignore": (["--extend-ignore=ASQ106"], ["ASQ102"]),
    "opinions": (["--select=ASQ,ASQ9"], ["ASQ102", "ASQ106", "ASQ901"]),
    "opinions extended": (["--extend-select=ASQ9"], ["ASQ102", "ASQ106", "ASQ901"]),
    "opinions alone": (["--select=ASQ9"], ["ASQ901"]),
    "one opinion": (["--select=ASQ901"], ["ASQ901"]),
    "other opinion": (["--extend-select=ASQ902"], ["ASQ102", "ASQ106"]),
    "one rule": (["--select=ASQ102"], ["ASQ102"]),
    "prefix": (["--select=ASQ10", "--ignore=ASQ102"], ["ASQ106"]),
    "nothing of ours": (["--select=E"], []),
    "per file": (["--select=ASQ", "--per-file-ignores=app.py:ASQ1"], []),
    "per other file": (["--select=ASQ", "--per-file-ignores=other.py:ASQ1"], ["ASQ102", "ASQ106"]),
}


@pytest.mark.parametrize("name", SELECTED)
def test_selection_is_flake8s_and_opinions_are_named(name: str, tmp_path: Path) -> None:
    arguments, expected = SELECTED[name]
    done = flake8(write(tmp_path, {"app.py": SOURCE}), *arguments, "app.py", select="")
    assert [code for code in sorted(codes(done)) if code.startswith("ASQ")] == expected


def test_comments_silence_findings(tmp_path: Path) -> None:
    bad = 'create_async_engine("postgresql+psycopg2://h/db")'
    lines = [
        "from sqlalchemy.ext.asyncio import create_async_engine",
        f"a = {bad}  # noqa",
        f"b = {bad}  # noqa: ASQ102",
        f"c = {bad}  # NOQA:ASQ1,E501",
        f"d = {bad}  # noqa: ASQ106",
        f"e = {bad}",
    ]
    source = "\n".join(lines) + "\n"
    files = {"app.py": source, "off.py": f"# flake8: noqa\n{source}", "some.py": f"# flake8: noqa: ASQ102\n{source}"}
    done = flake8(write(tmp_path, dict(files)), "app.py", "off.py", "some.py")
    assert rows(done) == ["app.py:5:25 ASQ102", "app.py:6:25 ASQ102"]
    every = flake8(tmp_path, "--disable-noqa", "app.py", "off.py")
    assert len(rows(every)) == 10


def test_columns_count_characters(tmp_path: Path) -> None:
    lines = [
        "from sqlalchemy.ext.asyncio import create_async_engine as é",
        's = "ä€𝄞"; e = é("postgresql+psycopg2://ü/db", pool_class=1)',
        'ñ = [é(x) for x in ("1", "ß")]; f = é("mysql+pymysql://h")',
    ]
    done = flake8(write(tmp_path, {"app.py": "\n".join(lines) + "\n"}), "app.py")
    places = [
        (2, lines[1].index('"postgresql') + 1),
        (2, lines[1].index("pool_class") + 1),
        (3, lines[2].index('"mysql') + 1),
    ]
    assert [row.split(" ")[0] for row in rows(done)] == [f"app.py:{line}:{column}" for line, column in places]
