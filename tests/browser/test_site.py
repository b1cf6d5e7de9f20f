"""The documentation as it was built: every page can be read by everybody, and what it offers works."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.looking import WIDTHS, Viewer, served, violations

ROOT = Path(__file__).parents[2]
MISTAKE = """from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine("postgresql+psycopg2://localhost/app")
"""
STARTING = 120_000  # ms: Python is compiled by the browser first


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the site that DOCUMENTATION names, or one built now."""
    folder = Path(os.environ.get("DOCUMENTATION") or tmp_path_factory.mktemp("site"))
    if not (folder / "index.html").exists():
        command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", str(ROOT / "docs"), str(folder)]
        subprocess.run(command, check=True)
    with served(folder) as address:
        yield address


def written() -> list[str]:
    """Name the pages that people wrote, and one rule's."""
    return [*sorted(path.stem for path in (ROOT / "docs").glob("*.md")), "rules/index", "rules/errors", "rules/ASQ501"]


@pytest.mark.parametrize("page", written())
def test_page_is_for_everybody(viewer: Viewer, site: str, page: str) -> None:
    viewer.inspect(f"{site}/{page}.html", page.replace("/", "-"))


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_pages_of_rules_are_for_everybody(viewer: Viewer, site: str, width: int) -> None:
    wrong = {}
    with viewer.opened(f"{site}/rules/index.html", width=width) as page:
        pages = page.eval_on_selector_all("tbody td:first-child a", "links => links.map(link => link.href)")
        assert len(pages) > 50
        for address in pages:
            page.goto(address)
            found = violations(page)
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append("wider than the window")
            if found:
                wrong[address] = found
    assert wrong == {}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (
            "sqlalchemy.exc.MissingGreenlet: greenlet_spawn has not been called; can't call await_only() here. Was IO "
            "attempted in an unexpected place? (Background on this error at: https://sqlalche.me/e/20/xd2s)",
            "ASQ501",
        ),
        (
            "InvalidRequestError: This session is provisioning a new connection; concurrent operations "
            "are not permitted (Background on this error at: https://sqlalche.me/e/20/isce)",
            "ASQ208",
        ),
        (
            "asyncpg.exceptions._base.InterfaceError: cannot perform operation: another operation is in progress",
            "ASQ208",
        ),
        (
            "sqlalchemy.exc.TimeoutError: QueuePool limit of size 20 overflow 30 reached, connection timed out, "
            "timeout 30.00",
            "ASQ211",
        ),
        ("RuntimeWarning: coroutine 'AsyncSession.delete' was never awaited", "ASQ301"),
        ("TypeError: object ChunkedIteratorResult can't be used in 'await' expression", "ASQ305"),
        ("AttributeError: 'coroutine' object has no attribute 'scalars'", "ASQ303"),
        (
            "RuntimeError: Task <Task pending name='Task-3' coro=<main()>> got Future <Future pending> attached to a "
            "different loop",
            "ASQ111",
        ),
        (
            "DetachedInstanceError: Parent instance <User at 0x7f> is not bound to a Session; lazy load operation of "
            "attribute 'orders' cannot proceed",
            "ASQ514",
        ),
    ],
)
def test_a_message_leads_to_its_rule_in_two_clicks(viewer: Viewer, site: str, message: str, code: str) -> None:
    with viewer.opened(f"{site}/index.html") as page:
        page.get_by_label("Which error do you see?").fill(message)
        page.get_by_role("button", name="Find it").click()
        page.locator("output:not(:empty)").wait_for()
        assert 0 < page.locator("article section section:visible").count() <= 3
        page.locator("article").get_by_role("link", name=code, exact=True).first.click()
        assert page.locator("h1").inner_text().startswith(code)


def test_rules_are_filtered(viewer: Viewer, site: str) -> None:
    with viewer.opened(f"{site}/rules/index.html") as page:
        rows = page.locator("tbody tr:visible")
        everything = rows.count()
        page.locator("[name=family]").select_option("Engines")
        assert {text[:4] for text in rows.locator("td:first-child").all_inner_texts()} == {"ASQ1"}
        page.locator("[name=family]").select_option("any")
        page.locator("[name=on]").select_option("when selected")
        assert {text[:4] for text in rows.locator("td:first-child").all_inner_texts()} == {"ASQ9"}
        page.locator("[name=on]").select_option("any")
        page.locator("[name=fix]").select_option("never")
        assert set(rows.locator("td:nth-child(4)").all_inner_texts()) == {"never"}
        page.locator("[name=fix]").select_option("any")
        page.get_by_label("Words").fill("queuepool limit")
        assert 0 < rows.count() < 10
        page.get_by_label("Words").fill("")
        assert rows.count() == everything


def test_without_scripts_the_pages_are_complete(viewer: Viewer, site: str) -> None:
    with viewer.opened(f"{site}/rules/errors.html", scripts=False) as page:
        assert page.locator("article section section:visible").count() > 15


def test_playground_finds_explains_and_fixes(viewer: Viewer, site: str) -> None:
    with viewer.opened(f"{site}/playground.html") as page:
        status = page.get_by_role("status")
        page.wait_for_function("document.querySelector('#status').textContent.includes('findings')", timeout=STARTING)
        assert page.locator("#findings li").count() >= 3
        page.get_by_label("Python code").fill(MISTAKE)
        page.wait_for_function("document.querySelector('#status').textContent === '1 finding.'", timeout=STARTING)
        assert "'psycopg2' is a sync driver" in page.locator("#findings").inner_text()
        assert (
            '+engine = create_async_engine("postgresql+asyncpg://localhost/app")' in page.locator("#diff").inner_text()
        )
        page.get_by_role("button", name="3:30").click()
        chosen = page.evaluate(
            "(c => c.value.slice(c.selectionStart, c.selectionEnd))(document.querySelector('#code'))"
        )
        assert chosen == '"postgresql+psycopg2://localhost/app"'
        page.get_by_text("Why, and what to do").click()
        page.get_by_text("The engine refuses to be made").wait_for()
        page.screenshot(path=viewer.screenshots / "playground-finding.png", full_page=True)
        assert violations(page) == []
        page.get_by_label("Python code").fill("def\n")
        page.wait_for_function("document.querySelector('#status').textContent.startsWith('app.py:1')", timeout=STARTING)
        page.get_by_label("Python code").fill("x = 1\n")
        page.wait_for_function("document.querySelector('#status').textContent === 'Nothing found.'", timeout=STARTING)
        assert status.inner_text() == "Nothing found."


def test_playground_takes_the_example_of_a_rule(viewer: Viewer, site: str) -> None:
    with viewer.opened(f"{site}/rules/ASQ901.html") as page:
        page.get_by_role("link", name="Try it in the playground").click()
        page.locator("#findings a:text-matches('^ASQ901')").wait_for(timeout=STARTING)
