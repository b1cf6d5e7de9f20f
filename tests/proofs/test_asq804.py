from __future__ import annotations

from pathlib import Path

import pytest

from flake8_async_sqla.rules import load
from tests.proofs.migrating import program, project, tables
from tests.proofs.programs import SERIES, error, fixed, other_form
from tests.rules.test_pages import section

CLAIM = "RuntimeError: asyncio.run() cannot be called from a running event loop"
DRIVE = """

import asyncio


async def drive():
    async with lifespan(FastAPI()):
        print("served")


asyncio.run(drive())
"""
FORM = """
import asyncio
import alembic.config
from alembic import command
from alembic.config import Config

config = Config("alembic.ini")


async def drive():
    CALL


asyncio.run(drive())
"""
FAILING = [
    'command.upgrade(config, "head")',
    'command.downgrade(config, "base")',
    'command.stamp(config, "head")',
    "command.current(config)",
    "command.check(config)",
    "command.ensure_version(config)",
    'command.revision(config, "items", autogenerate=True)',
    'alembic.config.main(argv=["upgrade", "head"])',
]
RUNNING = [
    'command.upgrade(config, "head", sql=True)',
    'command.revision(config, "items")',
    "command.history(config)",
    "command.heads(config)",
    'command.show(config, "head")',
    'await asyncio.to_thread(command.upgrade, config, "head")',
]


@pytest.mark.parametrize("series", SERIES)
def test_environment_cannot_start_its_event_loop(series: str, tmp_path: Path) -> None:
    project(series, tmp_path, "async")
    bad = program(series, tmp_path, section(load()["ASQ804"], "Example") + DRIVE)
    assert error(bad) == CLAIM
    assert "served" not in bad.stdout
    good = program(series, tmp_path, other_form("ASQ804") + DRIVE)
    assert (good.returncode, good.stdout, tables(tmp_path)) == (0, "served\n", {"alembic_version", "items"})


@pytest.mark.parametrize("series", SERIES)
def test_which_commands_run_the_environment(series: str, tmp_path: Path) -> None:
    project(series, tmp_path, "async")
    for call in FAILING:
        assert CLAIM in program(series, tmp_path, FORM.replace("CALL", call)).stderr, call
    for call in RUNNING:
        good = program(series, tmp_path, FORM.replace("CALL", call))
        assert good.returncode == 0, good.stderr


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize(
    ("start", "claim"),
    [
        ("asyncio.get_event_loop().run_until_complete(run_async_migrations())", "This event loop is already running"),
        ("asyncio.new_event_loop().run_until_complete(run_async_migrations())", "while another loop is running"),
        ("__import__('anyio').run(run_async_migrations)", "Already running asyncio in this thread"),
    ],
)
def test_other_ways_to_run_an_event_loop(series: str, start: str, claim: str, tmp_path: Path) -> None:
    environment = project(series, tmp_path, "async")
    environment.write_text(environment.read_text().replace("asyncio.run(run_async_migrations())", start))
    assert f"RuntimeError: {claim}" in program(series, tmp_path, FORM.replace("CALL", FAILING[0])).stderr.replace(
        "Cannot run the event loop while", "while"
    )


@pytest.mark.parametrize("series", SERIES)
def test_sync_environment_needs_no_event_loop(series: str, tmp_path: Path) -> None:
    project(series, tmp_path, "generic", "sqlite:///app.db")
    good = program(series, tmp_path, section(load()["ASQ804"], "Example") + DRIVE)
    assert (good.returncode, good.stdout) == (0, "served\n")


def test_fix_runs_the_command_in_a_thread(tmp_path: Path) -> None:
    source = fixed("ASQ804", tmp_path)
    folder = tmp_path / "project"
    folder.mkdir()
    project("2.0", folder, "async")
    good = program("2.0", folder, source + DRIVE)
    assert (good.returncode, good.stdout) == (0, "served\n"), good.stderr
    assert 'await to_thread(command.upgrade, Config("alembic.ini"), "head")' in source
