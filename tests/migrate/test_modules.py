"""Modules that tests load by a name that is put together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrate.kit import migrated

APP = """\
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session


def count():
    with Session(create_engine("sqlite://")) as session:
        return session.scalar(text("SELECT 1"))
"""
TEST = """\
import importlib
from types import ModuleType

import pytest


@pytest.fixture(name="app", params=["one", "two"])
def load(request) -> ModuleType:
    return importlib.import_module(f"apps.{request.param}")


def test_count(app: ModuleType):
    assert app.count() == 1
"""


@pytest.mark.parametrize(("other", "awaited"), [(APP, True), ("def count():\n    return 1\n", False)])
def test_all_that_may_be_meant_have_to_change(tmp_path: Path, other: str, awaited: bool) -> None:
    done = migrated(tmp_path, {"apps/one.py": APP, "apps/two.py": other, "tests/test_apps.py": TEST})
    assert "apps/one.py" in done.files
    if awaited:
        assert b"    assert asyncio.run(app.count()) == 1\n" in done.files["tests/test_apps.py"][1]
    else:
        assert "tests/test_apps.py" in done.refused
        assert "the module cannot be told" in done.plan.refusals[0].text


def test_package_that_imports_a_name_from_itself(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "from . import models\nfrom .models import models\n",
        "shop/models.py": "from . import models\n",
    }
    done = migrated(tmp_path, {**files, "app.py": f"from shop import models\n\nprint(models)\n{APP}"})
    assert list(done.files) == ["app.py"]


def test_module_that_is_called_like_the_library_it_imports(tmp_path: Path) -> None:
    code = f"import click\n\n{APP}\n\n@click.command()\ndef show():\n    print(count())\n"
    done = migrated(tmp_path, {"shop/click.py": code})
    assert b"    print(asyncio.run(count()))\n" in done.files["shop/click.py"][1]
