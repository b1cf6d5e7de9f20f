from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrate.kit import migrated

APP = """\
from fastapi import Depends, FastAPI
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

engine = create_engine("postgresql://localhost/shop")
app = FastAPI()


def get_db():
    with Session(engine) as db:
        yield db


@app.get("/")
def root(db: Session = Depends(get_db)):
    return db.scalar(text("SELECT 1"))
"""
TESTS = """\
import pytest
from fastapi.testclient import TestClient

from app import app


@pytest.fixture
def client():
    with TestClient(app) as client:
        yield client


def test_root(client: TestClient):
    assert client.get("/").json() == 1


def test_nothing():
    pass
"""
MADE = 'AsyncClient(transport=ASGITransport(app=app), base_url="http://testserver", follow_redirects=True)'


def _tests(root: Path, app: str, tests: str) -> str:
    done = migrated(root, {"app.py": app, "tests/test_app.py": tests})
    assert done.plan.refusals == []
    return done.files["tests/test_app.py"][1].decode() if "tests/test_app.py" in done.files else tests


def test_clients_share_the_event_loop_of_the_tests(tmp_path: Path) -> None:
    new = _tests(tmp_path, APP, TESTS)
    assert "from httpx import ASGITransport, AsyncClient\n" in new
    assert "TestClient" not in new
    assert f"async def client():\n    async with {MADE} as client:\n        yield client\n" in new
    assert (
        '@pytest.mark.anyio\nasync def test_root(client: AsyncClient):\n    assert (await client.get("/")).json()'
        in new
    )
    assert "\n\ndef test_nothing():\n" in new


def test_one_event_loop_lasts_for_all_tests(tmp_path: Path) -> None:
    new = _tests(tmp_path, APP, TESTS)
    assert (
        '@pytest.fixture(scope="session")\ndef anyio_backend():\n    return "asyncio"\n\n\n'
        '@pytest.fixture(scope="session", autouse=True)\n'
        "async def one_event_loop(anyio_backend: str) -> AsyncIterator[None]:\n    yield\n"
    ) in new


def test_sqlite_works_in_any_event_loop(tmp_path: Path) -> None:
    assert _tests(tmp_path, APP.replace("postgresql://localhost/shop", "sqlite:///shop.db"), TESTS) == TESTS


def test_the_database_of_the_tests_counts(tmp_path: Path) -> None:
    tests = TESTS.replace("import pytest\n", "import pytest\nimport sqlalchemy\n")
    new = _tests(tmp_path, APP, f'{tests}\n\nengine = sqlalchemy.create_engine("sqlite://")\n')
    assert "async" not in new.replace("asyncio", "").replace("create_async_engine", "")


@pytest.mark.parametrize(
    "use", ["client.websocket_connect('/')", "client.portal", "TestClient(app, backend='trio')", "client.get"]
)
def test_what_has_no_counterpart_keeps_all_clients(tmp_path: Path, use: str) -> None:
    tests = f"{TESTS}\n\ndef test_odd(client: TestClient):\n    {use}\n"
    done = migrated(tmp_path, {"app.py": APP, "tests/test_app.py": tests})
    assert "tests/test_app.py" not in done.files
    assert "has no counterpart for this, so tests keep TestClient" in done.plan.notes[-1].text


def test_arguments_of_a_client(tmp_path: Path) -> None:
    made = 'TestClient(app, base_url="http://a", raise_server_exceptions=False, headers={"x": "y"})'
    new = _tests(tmp_path, APP, TESTS.replace("TestClient(app)", made))
    assert (
        "AsyncClient(transport=ASGITransport(app=app, raise_app_exceptions=False), "
        'base_url="http://a", follow_redirects=True, headers={"x": "y"})'
    ) in new


def test_start_of_the_application_is_kept(tmp_path: Path) -> None:
    app = f'{APP}\n\n@app.on_event("startup")\ndef start():\n    pass\n'
    new = _tests(tmp_path, app, TESTS)
    assert (
        f"    async with app.router.lifespan_context(app):\n        async with {MADE} as client:\n            yield"
        in new
    )


def test_automatic_fixture(tmp_path: Path) -> None:
    fixture = "@pytest.fixture(autouse=True)\ndef rows():\n    with Session(engine) as db:\n        db.commit()\n\n\n"
    tests = TESTS.replace("@pytest.fixture\n", f"{fixture}@pytest.fixture\n").replace(
        "from app import app", "from app import app, engine\nfrom sqlalchemy.orm import Session"
    )
    new = _tests(tmp_path, APP, tests)
    assert '@pytest.fixture(scope="session", autouse=True)\ndef anyio_backend():' in new
    assert "@pytest.fixture(autouse=True)\nasync def rows():\n    async with AsyncSession(" in new


def test_driver_that_is_asked_for_takes_the_place_of_one_that_works_both_ways(tmp_path: Path) -> None:
    config = """\
from pydantic import PostgresDsn, model_validator
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    host: str

    @model_validator(mode="after")
    def check(self):
        return self

    @property
    def url(self) -> PostgresDsn:
        return PostgresDsn.build(scheme="postgresql+psycopg", host=self.host, path="shop")


settings = Settings()
"""
    app = APP.replace('"postgresql://localhost/shop"', "str(settings.url)").replace(
        "engine =", "from config import settings\n\nengine =", 1
    )
    files = {"app.py": app, "config.py": config}
    assert "config.py" not in migrated(tmp_path, files).files
    done = migrated(tmp_path, files, drivers={"postgresql": "asyncpg"})
    assert 'scheme="postgresql+asyncpg"' in done.files["config.py"][1].decode()


@pytest.mark.parametrize(
    ("name", "text"),
    [("pytest.ini", "[pytest]\nasyncio_mode = auto\n"), ("pyproject.toml", '[tool.pytest]\nasyncio_mode="auto"\n')],
)
def test_pytest_asyncio_runs_all_tests_where_it_takes_them(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    tests = TESTS.replace(
        "\n\ndef test_root",
        "\n\n@pytest.fixture(scope='module')\ndef page(client):\n    return client.get('/')\n\n\ndef test_root",
    )
    new = _tests(tmp_path, APP, tests)
    assert '@pytest_asyncio.fixture(loop_scope="session")\nasync def client():' in new
    assert "@pytest_asyncio.fixture(scope='module', loop_scope=\"session\")\nasync def page(client):" in new
    assert '@pytest.mark.asyncio(loop_scope="session")\nasync def test_root(' in new
    assert "anyio" not in new


DERIVED = """

class Recorded(TestClient):
    def post(self, *args, **kwargs):
        return None


def test_recorded():
    assert Recorded(app).post("/") is None
"""


def test_classes_derived_from_the_clients_stay(tmp_path: Path) -> None:
    new = _tests(tmp_path, APP, TESTS.replace("client: TestClient", "client") + DERIVED)
    assert f"async def client():\n    async with {MADE} as client:\n        yield client\n" in new
    assert new.endswith(DERIVED)


def test_annotation_that_may_mean_a_derived_class_keeps_all_clients(tmp_path: Path) -> None:
    assert "    with TestClient(app) as client:\n" in _tests(tmp_path, APP, TESTS + DERIVED)
