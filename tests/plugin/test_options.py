from __future__ import annotations

from pathlib import Path

import pytest

from tests.plugin.running import BAD, IMPORT, flake8, rows, write

REFUSED = {
    "--async-sqla-target=3.0": "--async-sqla-target: 3.0 is not one of 1.4, 2.0, 2.1",
    "--async-sqla-target=2.0,two": "--async-sqla-target: two is not one of 1.4, 2.0, 2.1",
    "--async-sqla-app=maybe": "--async-sqla-app: 'maybe' is not one of auto, always, never",
    "--async-sqla-drivers=asyncpg": "--async-sqla-drivers: 'asyncpg' is not of the form postgresql=asyncpg",
    "--async-sqla-drivers=postgresql=psycopg2": (
        "--async-sqla-drivers: 'psycopg2' is no async driver of 'postgresql'; its async drivers are asyncpg, psycopg"
    ),
    "--async-sqla-drivers=nosuch=asyncpg": "--async-sqla-drivers: 'asyncpg' is no async driver of 'nosuch'",
    "--async-sqla-root=nowhere": "is not a directory",
}
ACCEPTED = [
    "--async-sqla-target=1.4,2.0,2.1",
    "--async-sqla-target=",
    "--async-sqla-app=never",
    "--async-sqla-drivers=postgresql=psycopg,mysql=asyncmy,sqlite=aiosqlite,mssql=aioodbc,oracle=oracledb",
    "--async-sqla-drivers=cockroachdb=asyncpg,mariadb=aiomysql",
    "--async-sqla-root=.",
]


@pytest.mark.parametrize("option", REFUSED)
def test_value_that_means_nothing_is_refused_in_one_line(option: str, tmp_path: Path) -> None:
    done = flake8(write(tmp_path, {"app.py": IMPORT + BAD}), option, "app.py")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("flake8-async-sqla: --async-sqla-")
    assert REFUSED[option] in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("option", ACCEPTED)
def test_documented_values_are_taken(option: str, tmp_path: Path) -> None:
    done = flake8(write(tmp_path, {"app.py": IMPORT + BAD}), option, "app.py")
    assert (rows(done), done.stderr) == (["app.py:2:30 ASQ102"], "")


def test_unknown_option_is_refused(tmp_path: Path) -> None:
    done = flake8(write(tmp_path, {"app.py": IMPORT + BAD}), "--async-sqla-nonsense=1", "app.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert "unrecognized arguments: --async-sqla-nonsense=1" in done.stderr


def test_options_come_out_of_a_configuration_file(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": f'{IMPORT}create_async_engine("postgresql://h/db")\n'})
    write(tmp_path, {"old.cfg": "[flake8]\nselect = ASQ\nasync-sqla-target = 2.0\n"})
    write(tmp_path, {"new.cfg": "[flake8]\nselect = ASQ\nasync-sqla-target =\n    2.1\n"})
    write(tmp_path, {"bad.cfg": "[flake8]\nasync-sqla-target = 1.3\n"})
    bare = ("-c", "from flake8.main.cli import main; import sys; sys.argv.remove('--isolated'); sys.exit(main())")
    run = {
        name: flake8(tmp_path, f"--config={name}.cfg", "app.py", select="", python=bare)
        for name in ("old", "new", "bad")
    }
    assert rows(run["old"]) == ["app.py:2:21 ASQ102"]
    assert rows(run["new"]) == []
    assert run["bad"].returncode == 1
    assert "1.3 is not one of" in run["bad"].stderr
