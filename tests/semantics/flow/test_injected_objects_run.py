"""Objects that FastAPI's dependencies query: the endpoints that are marked raise in the application, no others do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from flake8_async_sqla.semantics.flow.analysis import failures
from tests.semantics.flow.injected_application import APPLICATION
from tests.semantics.revealing import load
from tests.sqlalchemy_versions import run, supported

CALLS = """
import asyncio, json
from fastapi.routing import APIRoute
from httpx import ASGITransport, AsyncClient

async def answers():
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with factory.begin() as session:
        session.add(User(id=1, name="first", posts=[Post(id=1), Post(id=2)]))
    found = {}
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        for path in app.openapi()["paths"]:
            try:
                found[path[1:]] = str((await client.get(path)).status_code)
            except Exception as error:
                found[path[1:]] = type(getattr(error, "orig", None) or error).__name__  # 2.1 wraps it
    await engine.dispose()
    print(json.dumps(found))

asyncio.run(answers())
"""
RAISED = {"relationship": "MissingGreenlet", "expired": "MissingGreenlet", "detached": "DetachedInstanceError"}


def test_the_marked_reads_are_reported(tmp_path: Path) -> None:
    module = load(tmp_path, {"app.py": APPLICATION})
    marked = {number: line for number, line in enumerate(APPLICATION.splitlines(), 1) if "  # " in line}
    reported = {failure.at.lineno: failure.kind for failure in failures(module)}
    assert reported == {number: line.partition("  # ")[2] for number, line in marked.items()}


@pytest.mark.parametrize("series", [series for series in supported() if series != "1.4"])
def test_the_marked_endpoints_raise(series: str, tmp_path: Path) -> None:
    source = APPLICATION.replace("///app.db", f"///{tmp_path}/app.db")
    endpoints = re.findall(r'\.get\("/(\w+)".*\n(?:async )?def .*\n((?:    .*\n)+)', source)
    expected = {name: RAISED.get(body.rpartition("  # ")[2].strip(), "200") for name, body in endpoints}
    done = run(series, source + CALLS)
    assert json.loads(done.stdout or "null") == expected, done.stderr
