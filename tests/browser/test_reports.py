"""The pages that `check` and `migrate` write, as readers meet them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from flake8_async_sqla.cli import main
from tests.browser.looking import Viewer
from tests.cli.test_html import HOSTILE, SOURCE

_ROOT = Path(__file__).parents[2]
_FOCUSED = "document.activeElement.textContent"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


def _checked(folder: Path, *places: str) -> str:
    page = folder / "check.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["check", "--isolated", "--format", "html", "--output-file", str(page), *places]) == 1
    return page.as_uri()


def _migrated(folder: Path, *places: str) -> str:
    page = folder / "migration.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["migrate", *places, "--report", str(page)]) == 1
    return page.as_uri()


@pytest.fixture(scope="module")
def bookshop(folder: Path) -> str:
    return _checked(shutil.copytree(_ROOT / "docs" / "example", folder / "bookshop"), ".")


@pytest.fixture(scope="module")
def shop(folder: Path) -> str:
    project = _ROOT / "tests" / "migrate" / "projects" / "shop" / "before"
    return _migrated(shutil.copytree(project, folder / "shop"), "shop", "--tests", "tests")


@pytest.fixture(scope="module")
def refused(folder: Path) -> str:
    project = _ROOT / "tests" / "migrate" / "projects" / "refused" / "before"
    return _migrated(shutil.copytree(project, folder / "refused"), "app", "alone")


@pytest.mark.parametrize("name", ["bookshop", "shop", "refused"])
def test_looks(viewer: Viewer, request: pytest.FixtureRequest, name: str) -> None:
    viewer.inspect(request.getfixturevalue(name), name)


def test_hostile_names_and_code_stay_text(viewer: Viewer, tmp_path: Path) -> None:
    name = HOSTILE.replace("/", "").replace("\\", "") + "x" * 80 + ".py"
    source = SOURCE.replace("pool_timout=5", f'pool_timout="{HOSTILE * 9}"')
    (tmp_path / name).write_text(source, encoding="utf-8")
    address = _checked(tmp_path, name)
    viewer.inspect(address, "hostile")
    with viewer.opened(address) as page:
        assert page.locator("main img, main script").count() == 0


def test_reads_without_scripts(viewer: Viewer, bookshop: str) -> None:
    with viewer.opened(bookshop, scripts=False) as page:
        expect(page.locator("article pre.code").last).to_be_visible()
        expect(page.locator("article pre.diff").last).to_be_visible()
        assert page.locator("button").count() == 0


def test_keyboard(viewer: Viewer, shop: str) -> None:
    with viewer.opened(shop) as page:
        page.keyboard.press("Tab")
        assert page.evaluate(_FOCUSED) == "Skip to the content"
        expect(page.locator(".skip")).to_be_in_viewport()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        closed = page.locator("main details").first
        expect(closed).to_have_attribute("open", "")
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
        page.keyboard.press("Enter")
        assert closed.get_attribute("open") is None


def test_focus_is_seen(viewer: Viewer, shop: str) -> None:
    with viewer.opened(shop) as page:
        for _ in range(12):
            page.keyboard.press("Tab")
            width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
            assert width >= 2, page.evaluate(_FOCUSED)


def test_all_is_opened_and_closed_at_once(viewer: Viewer, shop: str) -> None:
    with viewer.opened(shop) as page:
        page.get_by_role("button", name="Expand all").click()
        assert page.locator("main details:not([open])").count() == 0
        page.screenshot(path=viewer.screenshots / "shop-open.png", full_page=True)
        page.get_by_role("button", name="Collapse all").click()
        assert page.locator("main details[open]").count() == 0


def _closed(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = false; })")


@pytest.mark.parametrize("scripts", [True, False])
def test_print_shows_all_on_white(viewer: Viewer, shop: str, scripts: bool) -> None:
    with viewer.opened(shop, scheme="dark", scripts=scripts) as page:
        if scripts:
            _closed(page)
        page.emulate_media(media="print")
        expect(page.locator("pre.diff").last).to_be_visible()
        expect(page.locator("nav")).to_be_hidden()
        expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
        page.pdf(path=viewer.screenshots / "shop.pdf")


def test_a_link_opens_what_it_leads_to(viewer: Viewer, bookshop: str) -> None:
    with viewer.opened(bookshop) as page:
        page.locator("main ol a").last.click()
        expect(page.locator(":target")).to_be_in_viewport()
