"""What flake8 processes keep for each other: the same findings as without, and nothing in the way."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest
from flake8.style_guide import DecisionEngine

from flake8_async_sqla import CACHE_DIRECTORY
from flake8_async_sqla.linting import SELECTING
from tests.plugin.running import BAD, IMPORT, codes, flake8, rows, write

USES = f"{IMPORT}from settings import URL\n\nengine = create_async_engine(URL)\n"
SYNC, ASYNC = 'URL = "postgresql+psycopg2://h/db"\n', 'URL = "postgresql+asyncpg://h/db"\n'
# Python 3.14 starts its processes anew where this one is not patched.
COUNTING = """
import multiprocessing, sys
multiprocessing.set_start_method("fork")
from flake8_async_sqla.cache.results import Results
watched = Results.watched
def looked(self, name, *rest):
    with open("looked", "a") as stream:
        print(name, file=stream)
    return watched(self, name, *rest)
Results.watched = looked
from flake8.main.cli import main
sys.exit(main(sys.argv[1:]))
"""
SPAWNING = """
import multiprocessing, sys
multiprocessing.set_start_method("spawn")
from flake8.main.cli import main
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""
IMPORTS = """
import sys
from flake8.main.cli import main
main(sys.argv[1:])
loaded = sorted(name for name in sys.modules if name.startswith("flake8_async_sqla") or name == "libcst")
open("modules", "w").write(" ".join(loaded))
"""
KILLED = """
import os, signal, sys
def die(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)
os.replace = die
from flake8.main.cli import main
sys.exit(main(sys.argv[1:]))
"""


def counted(folder: Path, *arguments: str, jobs: int = 1) -> tuple[list[str], list[str]]:
    """Run flake8, and say what it reports and which files it looked at anew."""
    (folder / "looked").unlink(missing_ok=True)
    done = flake8(folder, *arguments, python=("-c", COUNTING), jobs=jobs)
    assert done.stderr == ""
    looked = folder / "looked"
    return sorted(rows(done)), sorted(looked.read_text().split()) if looked.exists() else []


def saved(folder: Path) -> set[str]:
    files: set[str] = set()
    for path in (folder / CACHE_DIRECTORY).glob("*.json"):
        files.update(json.loads(path.read_bytes().partition(b"\n")[2])["files"])
    return files


@pytest.fixture
def place(tmp_path: Path) -> Path:
    files = {f"module{number}.py": IMPORT + BAD for number in range(6)}
    return write(tmp_path, {**files, "database.py": USES, "settings.py": SYNC + "# async \n", "plain.py": "x = 1\n"})


@pytest.mark.parametrize("jobs", [1, 2])
def test_nothing_is_looked_at_twice(jobs: int, place: Path) -> None:
    cold, looked = counted(place, ".", jobs=jobs)
    assert len(cold) == 7
    assert len(looked) == 8
    assert counted(place, ".", jobs=1) == counted(place, ".", jobs=2) == (cold, [])


def test_only_what_depends_on_an_edit_is_looked_at(place: Path) -> None:
    counted(place, ".")
    write(place, {"settings.py": ASYNC + "# async \n"})
    found, looked = counted(place, ".")
    assert (len(found), looked) == (6, ["./database.py", "./settings.py"])
    (place / "settings.py").unlink()
    found, looked = counted(place, ".")
    assert (len(found), looked) == (6, ["./database.py"])
    write(place, {"settings/__init__.py": SYNC})
    assert len(counted(place, ".")[0]) == 7


def test_another_root_is_another_project(place: Path) -> None:
    write(place, {"deep/app.py": USES})
    assert rows(flake8(place, "deep/app.py")) == ["deep/app.py:4:30 ASQ102"]
    write(place, {"deep/setup.cfg": ""})
    assert rows(flake8(place, "deep/app.py")) == []
    (place / "deep" / "setup.cfg").unlink()
    assert rows(flake8(place, "deep/app.py")) == ["deep/app.py:4:30 ASQ102"]


def test_processes_that_are_spawned_save_what_they_found(place: Path) -> None:
    done = flake8(place, ".", jobs=2, python=("-c", SPAWNING))
    assert (len(rows(done)), done.stderr) == (7, "")
    assert counted(place, ".", jobs=2) == (sorted(rows(done)), [])


def test_runs_at_the_same_time_lose_nothing(place: Path) -> None:
    write(place, {"pyproject.toml": ""})
    flags = ["-m", "flake8", "--isolated", "--select=ASQ,E9", "--jobs=1"]
    running = [subprocess.Popen([sys.executable, *flags, f"module{number}.py"], cwd=place) for number in range(6)]
    assert [process.wait(timeout=300) for process in running] == [1] * 6
    assert saved(place) == {f"module{number}.py" for number in range(6)}
    assert counted(place, *sorted(saved(place)))[1] == []
    assert not list((place / CACHE_DIRECTORY).glob("*.tmp"))


def test_killed_run_leaves_nothing_behind(place: Path) -> None:
    counted(place, "module1.py")
    done = flake8(place, ".", python=("-c", KILLED))
    assert done.returncode == -signal.SIGKILL
    assert list((place / CACHE_DIRECTORY).glob("*.tmp"))
    found, looked = counted(place, ".")
    assert (len(found), len(looked)) == (7, 8)
    assert not list((place / CACHE_DIRECTORY).glob("*.tmp"))


def test_warm_run_imports_no_rules(place: Path) -> None:
    flake8(place, ".")
    done = flake8(place, ".", python=("-c", IMPORTS))
    assert len(codes(done)) == 7
    loaded = (place / "modules").read_text().split()
    assert not {"libcst", "flake8_async_sqla.rules", "flake8_async_sqla.semantics.module"} & set(loaded)


def test_rules_that_all_processes_need_are_imported_once(place: Path) -> None:
    for expected in (True, False):
        assert len(codes(flake8(place, ".", jobs=2, python=("-c", IMPORTS)))) == 7
        assert ("flake8_async_sqla.rules" in (place / "modules").read_text().split()) is expected


def test_what_is_piped_is_not_what_the_file_holds(place: Path) -> None:
    def piped(name: str, text: str) -> list[str]:
        return rows(flake8(place, f"--stdin-display-name={name}", "-", stdin=text.encode()))

    bad, good = f"{SYNC}{IMPORT}{BAD}", f"{ASYNC}{IMPORT}"
    for _ in range(2):
        assert piped("settings.py", good) == []
        assert piped("settings.py", bad) == ["settings.py:3:30 ASQ102"]
        assert piped("database.py", USES) == ["database.py:4:30 ASQ102"]
        assert piped("database.py", USES.replace("URL)", "NAME)")) == []
        assert piped("stdin", IMPORT + BAD) == ["stdin:2:30 ASQ102"]
        assert len(rows(flake8(place, "."))) == 7
    write(place, {"settings.py": good})
    assert piped("database.py", USES) == []
    assert piped("settings.py", bad) == ["settings.py:3:30 ASQ102"]
    assert len(rows(flake8(place, "."))) == 6


def test_comments_and_ignores_are_asked_anew(place: Path) -> None:
    write(place, {"module0.py": IMPORT + BAD.replace("\n", "  # noqa\n")})
    assert len(rows(flake8(place, "."))) == 6
    assert len(rows(flake8(place, ".", "--disable-noqa"))) == 7
    assert len(rows(flake8(place, ".", "--per-file-ignores=module*:ASQ1"))) == 1
    assert len(rows(flake8(place, "."))) == 6
    assert len(list((place / CACHE_DIRECTORY).glob("*.json"))) == 1


def test_options_that_change_findings_are_kept_apart(place: Path) -> None:
    write(place, {"driverless.py": f'{IMPORT}create_async_engine("postgresql://h/db")\n'})
    for _ in range(2):
        assert len(rows(flake8(place, "."))) == 8
        assert len(rows(flake8(place, ".", "--async-sqla-target=2.1"))) == 7
        assert rows(flake8(place, ".", "--extend-ignore=ASQ1", select="ASQ")) == []
        assert len(rows(flake8(place, ".", select="ASQ9,ASQ1"))) == 8
        assert rows(flake8(place, "--async-sqla-root=.", "database.py")) == ["database.py:4:30 ASQ102"]
    assert len(list((place / CACHE_DIRECTORY).glob("*.json"))) == 5


def test_working_directories_are_kept_apart(place: Path) -> None:
    write(place, {"deep/app.py": IMPORT + BAD, "deep/setup.cfg": ""})
    cache = f"--async-sqla-cache-dir={place / 'kept'}"
    assert rows(flake8(place, cache, "deep/app.py")) == ["deep/app.py:2:30 ASQ102"]
    write(place, {"app.py": "print('async ')\n"})
    assert rows(flake8(place, cache, "app.py")) == []
    assert rows(flake8(place / "deep", cache, "app.py")) == ["app.py:2:30 ASQ102"]
    assert len(list((place / "kept").glob("*.json"))) == 2


@pytest.mark.parametrize(
    ("text", "directory"),
    [
        ("async-sqla-no-cache = true", None),
        ("async-sqla-cache-dir = ../kept", "kept"),
        ("async-sqla-cache-dir = kept", "here/kept"),
        ("", f"here/{CACHE_DIRECTORY}"),
    ],
)
@pytest.mark.parametrize("command", ["flake8", "check"])
def test_where_it_lies_is_configured(text: str, directory: str | None, command: str, tmp_path: Path) -> None:
    here = write(tmp_path / "here", {"app.py": IMPORT + BAD, "setup.cfg": f"[flake8]\nselect = ASQ\n{text}\n"})
    start = ["flake8", "-j1"] if command == "flake8" else ["flake8_async_sqla", "check"]
    for _ in range(2):
        done = subprocess.run([sys.executable, "-m", *start, "app.py"], cwd=here, capture_output=True, text=True)
        assert (codes(done), done.stderr) == (["ASQ102"], "")
    assert [str(path.parent.relative_to(tmp_path)) for path in tmp_path.rglob("CACHEDIR.TAG")] == [directory][
        : directory is not None
    ]


def test_nothing_of_ours_leaves_nothing(place: Path) -> None:
    assert rows(flake8(place, ".", select="E9,F")) == []
    assert rows(flake8(place, "plain.py")) == []
    assert len(rows(flake8(place, ".", "--async-sqla-no-cache"))) == 7
    assert not (place / CACHE_DIRECTORY).exists()


@pytest.mark.parametrize("way", ["file", "damaged", "directory"])
def test_what_cannot_be_kept_is_no_matter(way: str, place: Path) -> None:
    cache = place / CACHE_DIRECTORY
    if way == "file":
        cache.touch()
    else:
        flake8(place, ".")
        for path in cache.glob("*.json"):
            path.unlink()
            path.mkdir() if way == "directory" else path.write_bytes(b"\x00{")
    for jobs in (1, 2):
        done = flake8(place, ".", jobs=jobs)
        assert (len(rows(done)), done.stderr) == (7, "")
    assert not list(place.rglob("*.tmp"))


def test_encodings_and_line_ends(place: Path) -> None:
    text = f"# coding: latin-1\n{IMPORT}s = 'é'; {BAD}"
    write(place, {"latin.py": text.encode("latin-1"), "dos.py": (IMPORT + BAD).replace("\n", "\r\n").encode()})
    write(place, {"mac.py": (IMPORT + BAD).replace("\n", "\r").encode(), "mark.py": (IMPORT + BAD).encode("utf-8-sig")})
    first, looked = counted(place, ".")
    assert len(first) == 11
    assert len(looked) == 12
    assert counted(place, ".") == (first, [])


def test_all_that_selects_rules_is_asked_for() -> None:
    asked: set[str] = set()

    class Options(Namespace):
        def __getattribute__(self, name: str) -> object:
            asked.add(name)
            return [] if name.startswith("extend") else None

    DecisionEngine(Options())
    assert asked <= set(SELECTING)
