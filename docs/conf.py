from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import flake8_async_sqla
from flake8_async_sqla import rules
from flake8_async_sqla.dev import pages
from flake8_async_sqla.dev.playground import bundle

if TYPE_CHECKING:
    from sphinx.application import Sphinx

pages.write(Path(__file__).parent / "rules", rules.load())

project = "flake8-async-sqla"
author = "flake8-async-sqla contributors"
version = release = flake8_async_sqla.__version__
extensions = ["myst_parser"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "example", "migrating-example"]
nitpicky = True
highlight_language = "text"
html_theme = "furo"
html_title = f"{project} {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_copy_source = False
html_show_copyright = html_show_sourcelink = False


def _play(app: Sphinx, error: Exception | None) -> None:
    if error is None and bundle.available() and app.builder.format == "html":
        bundle.build(Path(app.outdir) / "_static" / "playground")


def setup(app: Sphinx) -> None:
    """Add the playground where what it needs is at hand."""
    if bundle.available():
        app.tags.add("playground")
    app.connect("build-finished", _play)
