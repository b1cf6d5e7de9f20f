from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from flake8_async_sqla.cli import main
from flake8_async_sqla.cli.pages import url
from tests.markup.reading import Reader

SOURCE = """\
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine(
    "postgresql+psycopg2://localhost/app",
    pool_timout=5,
)
"""
HOSTILE = "</code></pre><script>alert(1)</script><img src=x onerror=alert(2)>&lt;'\\\"\u202e"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: str, source: str = SOURCE) -> None:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source, encoding="utf-8")


def shown(*options: str) -> str:
    main(["check", "--isolated", "--format", "html", "--output-file", "page.html", *options])
    return Path("page.html").read_text(encoding="utf-8")


def only(texts: Sequence[str]) -> str:
    (text,) = texts
    return text


def test_a_finding_has_its_place_message_code_rule_and_fix() -> None:
    write("app/database.py")
    reader = Reader(shown("--select=ASQ102"))
    assert only(reader.text["h1"]) == "1 finding in 1 file"
    assert only(reader.text["h4"]) == "app/database.py:4:5"
    assert only(reader.text["p.message"]).startswith("'psycopg2' is a sync driver")
    assert only(reader.text["mark"]) == '"postgresql+psycopg2://localhost/app"'
    assert url("ASQ102") in reader.links
    assert "flake8-async-sqla fix makes it" in only(reader.text["summary"][1:])
    assert only(reader.text["span.tag"]) == "Safe fix"
    changed = [row for row in only(reader.text["pre.diff"]).splitlines() if row[0] in "+-"]
    assert changed == [
        '-    "postgresql+psycopg2://localhost/app",',
        '+    "postgresql+asyncpg://localhost/app",',
    ]


def test_findings_are_listed_by_rule_and_by_file() -> None:
    write("a.py")
    write("b/c.py")
    reader = Reader(shown())
    assert reader.text["dd"] == ["2", "4", "0", "0"]
    assert [head.split()[0] for head in reader.text["th"][3:]] == ["ASQ102", "ASQ106"]
    assert reader.text["td"] == ["2", "2", "2", "2"]
    assert reader.text["span.place"] == ["a.py", "b/c.py"]
    assert [item.split()[:2] for item in reader.text["li"][3:]] == [["4:5", "ASQ102"], ["5:5", "ASQ106"]] * 2
    assert reader.text["h4"] == ["a.py:4:5", "b/c.py:4:5", "a.py:5:5", "b/c.py:5:5"]


def test_unsafe_fixes_and_refusals_say_why() -> None:
    write("config.py", 'URL = "postgresql+psycopg2://localhost/app"\n')
    write(
        "app.py",
        "from config import URL\nfrom sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine\n"
        "engine = create_async_engine(URL)\nfactory = async_sessionmaker(engine)\n\n\n"
        "async def f(user):\n    async with factory() as session:\n        session.commit()\n",
    )
    reader = Reader(shown())
    assert "No fix" in reader.text["span.tag"]
    assert any("config.py:1" in text for text in reader.text["p"])


def test_links_lead_somewhere_and_ids_are_unique() -> None:
    write("a.py")
    write("b.py")
    reader = Reader(shown())
    assert reader.dead_links() == []
    assert len(set(reader.ids)) == len(reader.ids)
    assert {link for link in reader.links if not link.startswith("#")} == {
        "https://flake8-async-sqla.readthedocs.io",
        url("ASQ102"),
        url("ASQ106"),
    }


def test_hostile_names_code_and_messages_are_text() -> None:
    name = HOSTILE.replace("/", "").replace("\\", "") + ".py"
    write(
        name, SOURCE.replace("pool_timout=5", f'pool_timout="{HOSTILE}"').replace("psycopg2://", f"{HOSTILE[:20]}://")
    )
    text = shown()
    reader = Reader(text)
    assert (reader.tags["script"], reader.tags["img"], reader.handlers) == (1, 0, [])
    assert "alert(1)" not in "".join(reader.text["script"])
    assert "\u202e" not in text
    assert only(reader.text["span.place"]) == name.replace("\u202e", "\\u202e")
    assert any("<script>alert(1)</script>" in code for code in reader.text["pre.code"])


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX only")
def test_names_that_are_no_text_are_shown() -> None:
    Path(os.fsdecode(b"app-\xff.py")).write_text(SOURCE, encoding="utf-8")
    assert only(Reader(shown()).text["span.place"]) == "app-\\udcff.py"


def test_files_that_cannot_be_checked_are_named() -> None:
    write("<b>.py", "import sqlalchemy\n\n\ndef")
    reader = Reader(shown())
    assert only(reader.text["h1"]) == "No findings"
    assert any(item.startswith("./<b>.py:4:4: ") for item in reader.text["li"])


def test_no_findings() -> None:
    write("a.py", "x = 1\n")
    reader = Reader(shown())
    assert only(reader.text["h1"]) == "No findings"
    assert "h2" not in reader.text


def test_the_page_is_the_same_each_time_and_begins_anew() -> None:
    write("a.py")
    assert shown() == shown("--statistics")


def test_findings_of_other_plugins_codes_need_no_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    from flake8_async_sqla.cli.formats import html

    write("a.py")
    monkeypatch.setattr(html, "load", dict)
    assert only(Reader(shown("--select=ASQ102")).text["h3"]) == "ASQ102  1"
