from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrate.kit import flipped, migrated, refusal

DB = """\
from sqlalchemy import MetaData, create_engine

engine = create_engine("sqlite://")
metadata = MetaData()
"""
CREATE = "metadata.create_all(engine)\n"
CREATED = "async with engine.begin() as connection:\n        await connection.run_sync(metadata.create_all)\n"


def test_tables_are_created_in_a_new_lifespan(tmp_path: Path) -> None:
    code = (
        f"from fastapi import FastAPI\n{DB}other = MetaData()\n{CREATE}other.create_all(bind=engine)\napp = FastAPI()\n"
    )
    new = flipped(tmp_path, code)
    assert f"async def lifespan(app: FastAPI) -> AsyncIterator[None]:\n    {CREATED}" in new
    assert (
        "        await connection.run_sync(other.create_all)\n    yield\n\n\napp = FastAPI(lifespan=lifespan)\n" in new
    )


def test_tables_are_created_in_the_lifespan_there_is(tmp_path: Path) -> None:
    code = f"from contextlib import asynccontextmanager\nfrom fastapi import FastAPI\n{DB}{CREATE}\n\n"
    code += "@asynccontextmanager\nasync def start(app):\n    print(1)\n    yield\n\n\napp = FastAPI(lifespan=start)\n"
    assert f"async def start(app):\n    {CREATED}    print(1)\n    yield\n" in flipped(tmp_path, code)


def test_tables_are_created_beside_start_up_handlers(tmp_path: Path) -> None:
    code = f"from fastapi import FastAPI\n{DB}{CREATE}\napp = FastAPI()\n\n\n"
    code += '@app.on_event("startup")\ndef hello():\n    print(1)\n'
    new = flipped(tmp_path, code)
    assert f'@app.on_event("startup")\nasync def create_tables_at_start():\n    {CREATED}' in new


@pytest.mark.parametrize("place", ["shop", "src/shop"])
def test_application_in_another_file(tmp_path: Path, place: str) -> None:
    main = "from fastapi import FastAPI\n\nfrom .db import engine\n\napp = FastAPI()\n"
    done = migrated(tmp_path, {f"{place}/__init__.py": "", f"{place}/db.py": DB + CREATE, f"{place}/main.py": main})
    assert done.plan.refusals == []
    assert f"\nasync def create_tables():\n    {CREATED}" in done.files[f"{place}/db.py"][1].decode()
    new = done.files[f"{place}/main.py"][1].decode()
    assert "create_tables\n" in new
    assert "    await create_tables()\n    yield\n" in new


def test_no_application_can_be_told(tmp_path: Path) -> None:
    assert "runs at import" in refusal(tmp_path / "none", DB + CREATE)
    two = f"from fastapi import FastAPI\n{DB}{CREATE}app = FastAPI()\nother = FastAPI()\n"
    assert "runs at import" in refusal(tmp_path / "two", two)


CREATING = """\
from sqlalchemy import MetaData, create_engine

engine = create_engine("sqlite://")


def create():
    MetaData().create_all(engine)


create()
"""
APPLICATION = "from fastapi import FastAPI\n\napp = FastAPI()\n"


def test_function_that_is_called_at_import(tmp_path: Path) -> None:
    new = flipped(tmp_path, f"{CREATING}\n{APPLICATION}")
    assert "async def lifespan(app: FastAPI) -> AsyncIterator[None]:\n    await create()\n    yield\n" in new
    assert "app = FastAPI(lifespan=lifespan)\n" in new
    assert flipped(tmp_path / "again", new) == new


def test_function_that_a_module_of_the_application_calls_at_import(tmp_path: Path) -> None:
    done = migrated(tmp_path, {"shop/db.py": CREATING, "shop/main.py": f"import shop.db\n{APPLICATION}"})
    assert done.plan.refusals == []
    assert b"async def create_tables():\n    await create()\n" in done.files["shop/db.py"][1]
    assert b"    await shop.db.create_tables()\n    yield\n" in done.files["shop/main.py"][1]


def test_function_that_another_program_calls_stays_out_of_the_application(tmp_path: Path) -> None:
    worker = f"{CREATING}\n\n@print\ndef work():\n    pass\n"
    done = migrated(tmp_path, {"shop/worker.py": worker, "shop/main.py": APPLICATION})
    assert done.files == {}
    assert "create() runs at import" in done.plan.refusals[0].text
