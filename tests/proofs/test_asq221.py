from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.driving import awaiting
from tests.proofs.programs import SERIES, error, example, use_instead
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

CLAIM = "TypeError: 'async_generator' object does not support the asynchronous context manager protocol"
OLD = "AttributeError: __aenter__"


@pytest.mark.parametrize("series", SERIES)
def test_generator_cannot_be_entered(series: str, tmp_path: Path) -> None:
    claim = CLAIM if sys.version_info >= (3, 11) else OLD
    assert error(example("ASQ221", series, tmp_path, awaiting("ping()"))) == claim
    good = use_instead("ASQ221", series, tmp_path, awaiting("ping()"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "1\n", "")


@pytest.mark.parametrize("series", SERIES)
def test_exit_stack_cannot_enter_it_either(series: str, tmp_path: Path) -> None:
    code = section(load()["ASQ221"], "Example").replace(
        "async with get_db() as session:",
        "import contextlib\n    async with contextlib.AsyncExitStack() as stack:\n"
        "        session = await stack.enter_async_context(get_db())",
    )
    told = error(run(series, code + awaiting("ping()"), cwd=tmp_path))
    assert told.startswith("AttributeError" if sys.version_info < (3, 11) else "TypeError")
    assert "'builtins.async_generator' object does not support" in told or sys.version_info < (3, 11)
