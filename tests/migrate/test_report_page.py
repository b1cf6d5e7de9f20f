from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from flake8_async_sqla.cli import main
from flake8_async_sqla.migrate.migration import Migration
from flake8_async_sqla.migrate.model import Call, Plan, Remark
from flake8_async_sqla.migrate.reports.advice import advice
from flake8_async_sqla.migrate.reports.graph_picture import MAX_BOXES, call_graph
from flake8_async_sqla.migrate.reports.report_page import as_html
from tests.markup.reading import Reader

_PROJECTS = Path(__file__).parent / "projects"


def report(project: str, folder: Path, monkeypatch: pytest.MonkeyPatch, *places: str) -> Reader:
    monkeypatch.chdir(shutil.copytree(_PROJECTS / project / "before", folder / project))
    main(["migrate", *places, "--report", "report.html"])
    reader = Reader(Path("report.html").read_text(encoding="utf-8"))
    assert reader.dead_links() == []
    assert len(set(reader.ids)) == len(reader.ids)
    assert (reader.handlers, reader.tags["script"]) == ([], 1)
    return reader


def test_what_was_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = report("shop", tmp_path, monkeypatch, "shop", "--tests", "tests")
    assert reader.text["h1"] == ["Migration of 9 files to asyncio"]
    assert "line 34 order → place → add → Session.commit" in reader.text["li"]
    assert any("Customer.orders is loaded with lazy='selectin'" in text for text in reader.text["p.message"])
    assert any("asyncio.run() runs report()" in text for text in reader.text["p.message"])
    assert "Base.metadata.create_all(bind=engine)\n" in reader.text["pre.code"]
    assert len(reader.text["pre.diff"]) == 9
    (crud,) = (text for text in reader.text["pre.diff"] if "+async def by_name(db: AsyncSession, name: str):\n" in text)
    assert "-def by_name(db: Session, name: str):\n" in crud
    assert {"report", "count_by_article", "Orders.place"} <= set(reader.text["text"])
    assert "shop/service.py:12 Orders.place; Session.get" in reader.text["title"]
    assert not any(text.startswith("test_") for text in reader.text["text"])


def test_what_was_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = report("refused", tmp_path, monkeypatch, "app", "alone")
    (item,) = (text for text in reader.text["li"] if "Session.scalar in count(): it is a property" in text)
    assert "Turn the property into a method" in item
    assert "def count(self)" in item or ".scalar(" in item
    assert "app/thing.py" in reader.text["li"]


def test_hostile_names_and_code_are_text(tmp_path: Path) -> None:
    path = "<script>alert(1)</script>.py"
    bad = Remark(path, 1, "`<img src=x onerror=alert(1)>` & \u202e")
    place = Remark(path, 1, "</title></svg><script>alert(1)</script>")
    plan = Plan(refusals=[bad], coloured=[place], calls=[Call(place, Remark(path, 3, "<b>"), "function")])
    source = b"x = '</code><script>alert(1)</script>'\n"
    done = Migration({path: (source, source + b"<!-- -->")}, plan, [path], str(tmp_path))
    text = as_html(done)
    reader = Reader(text)
    assert (reader.tags["script"], reader.tags["img"], reader.handlers) == (1, 0, [])
    assert "\u202e" not in text
    assert text == as_html(done)


def test_a_file_that_is_gone_shows_its_line_number(tmp_path: Path) -> None:
    plan = Plan(refusals=[Remark("gone.py", 7, "it is a property")])
    assert "line 7" in Reader(as_html(Migration({}, plan, ["gone.py"], str(tmp_path)))).text["p.line"]


def test_nothing_to_report(tmp_path: Path) -> None:
    assert Reader(as_html(Migration(root=str(tmp_path)))).text["h1"] == ["Nothing is migrated"]


@pytest.mark.parametrize(("modules", "functions", "boxes"), [(10, 12, 120), (40, 12, 40), (400, 3, 20)])
def test_large_graphs_are_drawn_by_module_or_directory(modules: int, functions: int, boxes: int) -> None:
    places = [
        Remark(f"app/part_{module % 20}/module_{module}.py", line, f"function_{line}")
        for module in range(modules)
        for line in range(1, functions + 1)
    ]
    calls = [
        Call(one, two, "function") for one, two in zip(places, places[functions:] + places[:functions], strict=True)
    ]
    drawn = Reader(call_graph(calls))
    assert drawn.tags["g"] == boxes <= MAX_BOXES


def test_recursion_and_scripts_are_drawn() -> None:
    function = Remark("app.py", 1, "f")
    calls = [Call(Remark("app.py", 0, ""), function, "bridge"), Call(function, function, "function")]
    reader = Reader(call_graph(calls))
    assert reader.tags["g"] == 2
    assert "run as a script" in reader.text["text"]


@pytest.mark.parametrize(
    "reason",
    [
        "Session.scalar in count(): it is a property: reading an attribute cannot await",
        "f() would have to be awaited: Python calls __init__() and does not await it",
        "Session.get in a lambda cannot be awaited",
        "scoped_session has no counterpart without a scope function; give each request its own session first",
    ],
)
def test_refusals_say_what_to_do(reason: str) -> None:
    assert advice(reason)
