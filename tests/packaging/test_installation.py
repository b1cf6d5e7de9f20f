from __future__ import annotations

import subprocess
import sys
from importlib.metadata import distribution, entry_points
from pathlib import Path

from flake8_async_sqla import __version__

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(sys.executable).parent


def test_flake8_names_the_plugin() -> None:
    command = [sys.executable, "-m", "flake8", "--version"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert f"flake8-async-sqla: {__version__}" in output


def test_entry_points_load() -> None:
    (plugin,) = entry_points(group="flake8.extension", name="ASQ")
    (script,) = entry_points(group="console_scripts", name="flake8-async-sqla")
    assert plugin.load().name == "flake8-async-sqla"
    assert callable(script.load())


def test_little_is_required() -> None:
    requirements = distribution("flake8-async-sqla").requires or []
    assert {requirement.partition(">")[0] for requirement in requirements} == {"flake8", "libcst", "tqdm"}


def test_linting_never_loads_libcst_nor_sqlalchemy() -> None:
    code = (
        "import sys; from flake8.main.cli import main;"
        "found = main(['--isolated', '--select=ASQ', '--jobs=1', 'docs/example']);"
        "print(found, sorted({'libcst', 'sqlalchemy', 'tqdm'} & set(sys.modules)))"
    )
    output = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert output.splitlines()[-1] == "1 []"


def test_imports_keep_to_their_layers() -> None:
    command = [str(SCRIPTS / "lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout
