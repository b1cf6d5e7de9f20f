from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.migrating import program
from tests.proofs.programs import SERIES, error, fixed, other_form
from tests.rules.test_pages import section

CLAIM = "ValueError: invalid interpolation syntax in 'postgresql+asyncpg://app:p%40ss@localhost/app' at position 26"
SECTION = """
from alembic.config import Config

Config().set_section_option("alembic", "sqlalchemy.url", "postgresql+asyncpg://app:p%40ss@localhost/app")
"""
VALID = """
from alembic.config import Config

config = Config("alembic.ini", config_args={"user": "app"})
for url in ("postgresql://%(user)s@localhost/app", "postgresql://app:p%%40ss@localhost/app"):
    config.set_main_option("sqlalchemy.url", url)
    print(config.get_main_option("sqlalchemy.url"))
"""


@pytest.mark.parametrize("series", SERIES)
def test_configuration_refuses_the_value(series: str, tmp_path: Path) -> None:
    assert error(program(series, tmp_path, section(load()["ASQ808"], "Example"))) == CLAIM
    assert error(program(series, tmp_path, SECTION)) == CLAIM
    shown = "\nprint(config.get_main_option('sqlalchemy.url'))\n"
    good = program(series, tmp_path, other_form("ASQ808") + shown)
    assert (good.returncode, good.stdout) == (0, "postgresql+asyncpg://app:p%40ss@localhost/app\n")


@pytest.mark.parametrize("series", SERIES)
def test_interpolations_and_doubled_signs_are_right(series: str, tmp_path: Path) -> None:
    good = program(series, tmp_path, VALID)
    assert good.stdout.split() == ["postgresql://app@localhost/app", "postgresql://app:p%40ss@localhost/app"]


def test_fix_doubles_the_sign(tmp_path: Path) -> None:
    assert fixed("ASQ808", tmp_path) == other_form("ASQ808")
