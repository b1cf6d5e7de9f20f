from __future__ import annotations

from pathlib import Path

import flake8_async_sqla
from flake8_async_sqla import rules
from flake8_async_sqla.dev import pages

pages.write(Path(__file__).parent / "rules", rules.load())

project = "flake8-async-sqla"
author = "flake8-async-sqla contributors"
version = release = flake8_async_sqla.__version__
extensions = ["myst_parser"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "example"]
nitpicky = True
highlight_language = "text"
html_theme = "furo"
html_title = f"{project} {release}"
