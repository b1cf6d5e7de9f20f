"""Projects whose imports lead in circles, to nothing, or to what only looks like a library."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.plugin.running import BAD, IMPORT, flake8, rows, write

RING = 200
USE = f"{IMPORT}create_async_engine(URL)\n"
PROJECTS: dict[str, tuple[dict[str, str | bytes], list[str]]] = {
    "itself": (
        {"pkg/__init__.py": f"import pkg\nfrom pkg import *\nfrom pkg import engine\n{IMPORT}{BAD}from . import pkg\n"},
        ["pkg/__init__.py:5:30 ASQ102"],
    ),
    "two": (
        {"a.py": f"from b import URL\n{USE}", "b.py": "from a import URL\n", "c.py": f"import a, b\n{IMPORT}{BAD}"},
        ["c.py:3:30 ASQ102"],
    ),
    "two with a value": (
        {"a.py": f"from b import URL\n{USE}", "b.py": "from a import create_async_engine\nURL = 'mysql+pymysql://h'\n"},
        ["a.py:3:21 ASQ102"],
    ),
    "stars": (
        {
            "a.py": f"from b import *\n{USE}",
            "b.py": "from c import *\n",
            "c.py": "from a import *\nfrom c import *\nURL = 'mysql+pymysql://h'\n",
        },
        ["a.py:3:21 ASQ102"],
    ),
    "missing": (
        {"a.py": f"from nowhere import URL\nfrom .gone import *\nimport a.b.c\n{USE}{BAD}"},
        ["a.py:6:30 ASQ102"],
    ),
    "broken": (
        {
            "a.py": f"from b import URL\nfrom d import URL as D\n{USE}{BAD}",
            "b.py": "URL = (\n",
            "d.py": b"URL = '\0'\n",
        },
        ["a.py:5:30 ASQ102", "b.py:1:8 E999", "d.py:1:1 E999"],
    ),
    "named like the library": (
        {
            "sqlalchemy.py": "def create_engine(url): ...\n",
            "asyncio.py": "x = 1\n",
            "a.py": f"import asyncio\n{IMPORT}{BAD}",
        },
        ["a.py:3:30 ASQ102"],
    ),
    "library inside": (
        {"pkg/__init__.py": "", "pkg/sqlalchemy.py": "x = 1\n", "pkg/a.py": f"from . import sqlalchemy\n{IMPORT}{BAD}"},
        ["pkg/a.py:3:30 ASQ102"],
    ),
    "directory named like a file": ({"b.py/x.txt": "", "a.py": f"import b\n{IMPORT}{BAD}"}, ["a.py:3:30 ASQ102"]),
}


@pytest.mark.parametrize("name", PROJECTS)
def test_findings_of_odd_projects(name: str, tmp_path: Path) -> None:
    files, expected = PROJECTS[name]
    done = flake8(write(tmp_path, files), ".")
    assert (sorted(rows(done)), done.stderr) == (expected, "")


def ring(folder: Path) -> list[str]:
    """Write modules that import each other in a ring, with a URL that goes half the way round."""
    for number in range(RING):
        following = (number + 1) % RING
        source = f"from m{following} import URL, other\nfrom m{following} import *\nimport m{following}\n"
        if number == 8:
            source = f"from m{following} import other\nfrom m{following} import *\nURL = 'mysql+pymysql://h'\n"
        write(folder, {f"m{number}.py": source + (USE if number < 3 else "")})
    return [f"m{number}.py" for number in range(RING)]


@pytest.mark.parametrize("first", ["forwards", "backwards", "shuffled", "jobs"])
def test_ring_of_modules_gives_the_same_findings_in_every_order(first: str, tmp_path: Path) -> None:
    names = ring(tmp_path)
    if first == "backwards":
        names.reverse()
    elif first == "shuffled":
        random.Random(1).shuffle(names)
    done = flake8(tmp_path, *names, jobs=2 if first == "jobs" else 1)
    assert sorted(rows(done)) == [f"m{number}.py:5:21 ASQ102" for number in range(3)]


def test_symbolic_links_in_circles_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path, {"pkg/a.py": f"from pkg.loop import URL\nfrom pkg.self.a import *\n{IMPORT}{BAD}"})
    (tmp_path / "pkg" / "loop.py").symlink_to("loop.py")
    (tmp_path / "pkg" / "self").symlink_to(tmp_path / "pkg")
    (tmp_path / "pkg" / "round").symlink_to("round")
    done = flake8(tmp_path, "pkg/a.py")
    assert (rows(done), done.stderr) == (["pkg/a.py:4:30 ASQ102"], "")
