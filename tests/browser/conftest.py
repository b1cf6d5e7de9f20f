from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.looking import Viewer, launched


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", type=Path, metavar="DIR", help="keep the pictures of all pages there")


@pytest.fixture(scope="session")
def viewer(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Viewer]:
    folder = pytestconfig.getoption("--screenshots") or tmp_path_factory.mktemp("screenshots")
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield Viewer(browser, folder)
        browser.close()
