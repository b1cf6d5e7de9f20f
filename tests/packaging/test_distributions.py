from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def test_wheel_holds_the_package_without_its_workshop(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    package = ROOT / "flake8_async_sqla"
    workshop = package / "dev"
    files = {path for kind in ("*.py", "*.css", "*.js") for path in package.rglob(kind)}
    shipped = {path.relative_to(ROOT).as_posix() for path in files if not path.is_relative_to(workshop)}
    assert names == {"flake8_async_sqla/py.typed", *shipped}


def test_wheel_carries_licence_and_entry_points(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (info,) = {name.split("/")[0] for name in archive.namelist() if ".dist-info/" in name}
        entry_points = archive.read(f"{info}/entry_points.txt").decode()
        assert b"MIT License" in archive.read(f"{info}/licenses/LICENSE")
    assert "ASQ = flake8_async_sqla.plugin:Plugin" in entry_points
    assert "flake8-async-sqla = flake8_async_sqla.cli:main" in entry_points


def test_sdist_holds_what_the_readme_needs(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    example = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs/example").rglob("*.py")}
    assert names >= {"README.md", "constraints.txt", "setup.cfg", "tests/packaging/test_distributions.py", *example}
