"""The harness sees what it is there to see."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.looking import Viewer, served, violations

_GOOD = """<!doctype html><html lang="en"><head><title>Good</title><meta name="viewport" content="width=device-width">
</head><body><main><h1>Good</h1><p>Text.</p></main></body></html>"""


def _page(folder: Path, body: str = "") -> Path:
    path = folder / "page.html"
    path.write_text(_GOOD.replace("<p>Text.</p>", body or "<p>Text.</p>"), encoding="utf-8")
    return path


def test_a_good_page_passes(viewer: Viewer, tmp_path: Path) -> None:
    viewer.inspect(_page(tmp_path).as_uri(), "good")
    taken = {path.name for path in viewer.screenshots.glob("good-*.png")}
    assert taken == {f"good-{size}-{scheme}.png" for size in ("desktop", "phone") for scheme in ("light", "dark")}


def test_served_pages_may_ask_their_own_server(viewer: Viewer, tmp_path: Path) -> None:
    _page(tmp_path, "<p>Text.</p><script src='own.js'></script>")
    (tmp_path / "own.js").write_text("document.title = 'Asked'", encoding="utf-8")
    with served(tmp_path) as address, viewer.opened(f"{address}/page.html") as page:
        assert page.title() == "Asked"


@pytest.mark.parametrize(
    "body",
    [
        "<img src='https://example.org/pixel.png' alt='A pixel'>",
        "<script>throw new Error('no')</script>",
        "<p style='width: 2000px'>Wide.</p>",
        "<p style='color: #eee; background: #fff'>Pale.</p>",
        "<button></button>",
    ],
)
def test_a_bad_page_fails(viewer: Viewer, tmp_path: Path, body: str) -> None:
    with pytest.raises(AssertionError):
        viewer.inspect(_page(tmp_path, body).as_uri(), "bad")


def test_violations_name_the_element(viewer: Viewer, tmp_path: Path) -> None:
    with viewer.opened(_page(tmp_path, "<img src='data:,'>").as_uri()) as page:
        (found,) = violations(page)
    assert found.startswith("image-alt: ")
    assert "<img" in found
