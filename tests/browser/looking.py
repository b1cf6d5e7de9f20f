"""Opens pages in a real Chromium, as a reader would, and says what is wrong with them."""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, FloatRect, Page, Playwright

WIDTHS = {"desktop": 1280, "phone": 390}
TALLEST = 12_000
"""Pixels of a page that a picture shows; Chromium draws no more than 16,384."""
_AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
_GRAVE = ("serious", "critical")


def launched(playwright: Playwright) -> Browser:
    """Start Debian's Chromium without a window."""
    program = shutil.which("chromium")
    assert program, "these tests need the program 'chromium'"
    return playwright.chromium.launch(executable_path=program, args=["--headless=new", *_FLAGS])


@dataclass
class Viewer:
    """Somebody who reads pages.

    Attributes:
        browser: The browser.
        screenshots: Where the pictures go.
    """

    browser: Browser
    screenshots: Path

    @contextmanager
    def opened(
        self, address: str, *, width: int = 1280, scheme: Literal["light", "dark"] = "light", scripts: bool = True
    ) -> Iterator[Page]:
        """Open a page; at the end it must have asked for nothing elsewhere, and its scripts must not have failed.

        Args:
            address: Its address, ``file:`` or on this machine.
            width: Of the window, in CSS pixels.
            scheme: What the reader prefers.
            scripts: Whether JavaScript runs.
        """
        options: dict[str, Any] = {"java_script_enabled": scripts, "color_scheme": scheme, "reduced_motion": "reduce"}
        context = self.browser.new_context(viewport={"width": width, "height": 900}, **options)
        try:
            page = context.new_page()
            asked: list[str] = []
            errors: list[str] = []
            page.on("request", lambda request: asked.append(request.url))
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
            page.goto(address)
            yield page
            elsewhere = [url for url in asked if not _is_local(url)]
            assert not elsewhere, f"{address} asks for {elsewhere}"
            assert not errors, f"{address}: {errors}"
        finally:
            context.close()

    def inspect(self, address: str, name: str) -> None:
        """Look at a page at each width, light and dark: it must be accessible and not wider than the window.

        Args:
            address: Its address.
            name: Names the pictures, ``name-width-scheme.png``.
        """
        schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
        for size, width in WIDTHS.items():
            for scheme in schemes:
                with self.opened(address, width=width, scheme=scheme) as page:
                    high = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
                    shown: FloatRect = {"x": 0, "y": 0, "width": width, "height": high}
                    page.screenshot(path=self.screenshots / f"{name}-{size}-{scheme}.png", full_page=True, clip=shown)
                    found = violations(page)
                    assert not found, f"{name}, {size}, {scheme}: {found}"
                    wide = page.evaluate("document.documentElement.scrollWidth")
                    assert wide <= width, f"{name}, {size}: {wide} pixels wide"


def violations(page: Page) -> list[str]:
    """Ask axe-core what is serious or worse about a page.

    Returns:
        For each violation its rule, what to do, and the elements.
    """
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    return [
        f"{one['id']}: {one['help']}: {[node['html'] for node in one['nodes']]}"
        for one in found
        if one["impact"] in _GRAVE
    ]


def _is_local(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("file", "data", "blob", "about") or parts.hostname in ("127.0.0.1", "localhost")


class _Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        """Serve a file; the icon that browsers ask for need not be one."""
        if self.path == "/favicon.ico":
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a directory on this machine.

    Yields:
        Its address, with no slash at the end.
    """
    handler = functools.partial(_Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
