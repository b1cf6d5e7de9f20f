"""The README's picture of a terminal, made from a real run."""

from __future__ import annotations

import html
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from flake8_async_sqla.dev.readme import ROOT

PICTURE = ROOT / "docs" / "picture.svg"
COMMANDS = (
    "flake8-async-sqla check --show-source bookshop/main.py",
    "flake8-async-sqla fix --diff bookshop/main.py",
)
_EXAMPLE = ROOT / "docs" / "example"
_COLUMNS = 112
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_CELL = re.compile(r"<text [^>]*>(.*?)</text>", re.DOTALL)


def drawn() -> str:
    """Run the commands on a copy of the example, and draw what a terminal would show.

    Returns:
        An SVG that asks for no font.
    """
    console = Console(record=True, width=_COLUMNS, file=io.StringIO(), color_system="truecolor", force_terminal=True)
    with tempfile.TemporaryDirectory() as folder:
        here = shutil.copytree(_EXAMPLE, Path(folder, "example"))
        for command in COMMANDS:
            console.print(Text(f"$ {command}", style="bold"))
            console.print(Text.from_ansi(_output(command, here)))
    svg = console.export_svg(title="bookshop", theme=MONOKAI)
    return _FONTS.sub("", "\n".join(row.rstrip() for row in svg.splitlines()) + "\n")


def words(svg: str) -> str:
    """Return the text in a picture."""
    return "".join(html.unescape(cell).replace("\xa0", " ") for cell in _CELL.findall(svg))


def rewrite() -> None:
    """Draw the picture anew."""
    PICTURE.write_text(drawn(), encoding="utf-8")


def _output(command: str, folder: Path) -> str:
    arguments = [*shlex.split(command)[1:], "--color=always"]
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    result = subprocess.run(
        [sys.executable, "-m", "flake8_async_sqla", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    if result.returncode != 1:
        raise RuntimeError(result.stdout)
    return f"{result.stdout.rstrip()}\n"
