from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.programs import SERIES
from tests.rules.kit import fix, lint
from tests.rules.test_pages import section
from tests.sqlalchemy_versions import run

COUNT = """

import asyncio


async def drive():
    async with engine.begin() as conn:
        await conn.execute(text("CREATE TABLE users (name TEXT)"))
    await add("mia")
    taken = engine.pool.checkedout()
    await asyncio.sleep(0.05)
    async with factory() as session:
        print(taken, (await session.execute(text("SELECT count(*) FROM users"))).scalar_one())
    await engine.dispose()


asyncio.run(drive())
"""


def _counted(series: str, code: str, folder: Path) -> tuple[str, str]:
    (folder / "app.db").unlink(missing_ok=True)
    done = run(series, code + COUNT, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip(), done.stderr


@pytest.mark.parametrize("series", SERIES)
def test_committed_row_is_lost(series: str, tmp_path: Path) -> None:
    assert _counted(series, section(load()["ASQ223"], "Example"), tmp_path)[0].endswith(" 0")
    assert _counted(series, section(load()["ASQ223"], "Use instead"), tmp_path) == ("0 1", "")


@pytest.mark.parametrize("series", SERIES)
def test_return_in_the_loop_keeps_the_connection_and_skips_the_commit(series: str, tmp_path: Path) -> None:
    loop = section(load()["ASQ223"], "Use instead").replace(
        "yield session", "yield session\n        await session.commit()"
    )
    loop = loop.replace("async with asynccontextmanager(get_db)() as db", "async for db in get_db()")
    assert _counted(series, loop, tmp_path) == ("0 1", "")
    returning = loop.replace("        await db.commit()", "        return")
    assert _counted(series, returning, tmp_path) == ("1 0", "")


@pytest.mark.parametrize("series", SERIES)
def test_generator_that_nothing_ends_is_harmless(series: str, tmp_path: Path) -> None:
    bare = section(load()["ASQ223"], "Example").replace("async with factory() as session:", "session = factory()")
    bare = bare.replace("        yield session", "    yield session") + "        await db.close()\n".replace(
        "        ", "    "
    )
    assert _counted(series, bare, tmp_path) == ("0 1", "")


def test_fixed_example_is_the_other_form(tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_text(section(load()["ASQ223"], "Example"), encoding="utf-8")
    assert fix(path) == section(load()["ASQ223"], "Use instead")
    assert lint(path) == []
