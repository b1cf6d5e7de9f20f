"""Puts together what the playground needs in the browser: Pyodide out of npm's package, and one archive of packages."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from importlib.metadata import files
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

from flake8_async_sqla.dev.readme import ROOT

HERE = Path(__file__).parent
PYODIDE = HERE / "node_modules" / "pyodide"
_CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
_NEEDED = ("flake8", "libcst", "mccabe", "pycodestyle", "pyflakes")
_OURS = "flake8_async_sqla/dev"


def available() -> bool:
    """Tell whether npm's package is there; ``npm ci --prefix`` this directory fetches it."""
    return PYODIDE.is_dir()


def build(folder: Path) -> None:
    """Write the files.

    Args:
        folder: Where they go, beside the page's own scripts.
    """
    (folder / "pyodide").mkdir(parents=True, exist_ok=True)
    for name in _CORE:
        shutil.copy(PYODIDE / name, folder / "pyodide")
    with zipfile.ZipFile(folder / "packages.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path, name in (*_packages(), *_own()):
            archive.write(path, name)
        with tempfile.TemporaryDirectory() as scratch:
            wheel = next(WheelBuilder(str(ROOT)).build(directory=scratch, versions=["standard"]))
            with zipfile.ZipFile(wheel) as built:
                for name in built.namelist():
                    archive.writestr(name, built.read(name))


def _packages() -> Iterator[tuple[Path, str]]:
    """Find the Python files and the metadata of what we need; what is compiled for this machine is left out."""
    for package in _NEEDED:
        for file in files(package) or ():
            wanted = file.suffix == ".py" or file.parts[0].endswith(".dist-info")
            if wanted and "tests" not in file.parts:
                yield Path(str(file.locate())), file.as_posix()


def _own() -> Iterator[tuple[Path, str]]:
    yield HERE.parent / "__init__.py", f"{_OURS}/__init__.py"
    for name in ("__init__.py", "judge.py", "native.py"):
        yield HERE / name, f"{_OURS}/playground/{name}"
