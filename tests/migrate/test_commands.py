from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.migrate.kit import flipped, migrated, refusal

HEAD = """\
import click
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

engine = create_engine("sqlite://")


"""
CODE = f"""{HEAD}@click.command()
@click.option("--times", default=2)
def count(times: int):
    with Session(engine) as session:
        click.echo(session.scalar(text("SELECT 1")) + times)


if __name__ == "__main__":
    count()
"""


def test_command_runs_in_an_event_loop(tmp_path: Path) -> None:
    new = flipped(tmp_path, CODE)
    assert (
        "def in_event_loop(command):\n    @wraps(command)\n    def run(*args, **kwargs):\n"
        "        return asyncio.run(command(*args, **kwargs))\n\n    return run\n\n\n"
        '@click.command()\n@click.option("--times", default=2)\n@in_event_loop\nasync def count(times: int):\n'
        "    async with AsyncSession("
    ) in new
    assert new.endswith("    count()\n")
    (tmp_path / "app.py").write_text(new, encoding="utf-8")
    run = [sys.executable, "app.py", "--times", "3"]
    done = subprocess.run(run, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("4\n", 0), done.stderr


def test_second_run_changes_nothing(tmp_path: Path) -> None:
    assert migrated(tmp_path, {"app.py": flipped(tmp_path, CODE)}).files == {}


def test_report_tells_the_loop(tmp_path: Path) -> None:
    done = migrated(tmp_path, {"app.py": CODE})
    assert [remark.text for remark in done.plan.bridges] == ["asyncio.run() runs count()"]


def test_command_that_needs_nothing_of_its_own_calls_run(tmp_path: Path) -> None:
    code = CODE.replace(
        "@click.command",
        "def work(times):\n    with Session(engine) as session:\n        session.commit()\n\n\n@click.command",
    ).replace(CODE[CODE.index("    with Session") :], "    work(times)\n")
    new = flipped(tmp_path, code)
    assert "\ndef count(times: int):\n    asyncio.run(work(times))\n" in new


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("@click.command()", "from celery import shared_task\n\n\n@shared_task", "@shared_task calls it"),
        ("if __name__", "async def main():\n    count()\n\n\nif __name__", "runs an event loop, which cannot"),
        ("        click.echo(", "        yield (", "@click.command calls it without awaiting it"),
    ],
)
def test_refused(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert reason in refusal(tmp_path, CODE.replace(old, new, 1))
