"""Nothing outside the root is read, and the analysed code never runs."""

from __future__ import annotations

import json
from pathlib import Path

from tests.plugin.running import BAD, IMPORT, flake8, rows, write

AUDITED = """
import json, os, sys

opened = set()

def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        opened.add(os.path.realpath(os.fsdecode(arguments[0])))
    if event in ("subprocess.Popen", "os.system", "socket.connect"):
        opened.add(event)

sys.addaudithook(hook)
from flake8.main.cli import main
code = main(sys.argv[1:])
json.dump([sorted(opened), sorted(sys.modules)], open(os.environ.get("REPORT", "report.json"), "w"))
sys.exit(code)
"""
SIDE_EFFECT = "import pathlib\npathlib.Path('executed').touch()\nraise SystemExit('executed')\n"
USES = """
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from outside import URL
from linked import URL as LINKED
from linkeddir.settings import URL as DEEP
from .. import outside as above
from ...outside import URL as FURTHER
from ..outside import *
import effects
from effects import *

one = create_async_engine(URL)
two = create_async_engine(LINKED)
three = create_async_engine(DEEP)
four = create_async_engine(above.URL)
five = create_async_engine(FURTHER)
factory = async_sessionmaker(effects.engine)


async def get_session():
    session = factory()
    return session
"""


def project(folder: Path) -> Path:
    secret = 'URL = "postgresql+psycopg2://u:p@h/db"\n'
    write(folder, {"outside.py": secret, "secret/settings.py": secret, "root/app.py": USES})
    write(folder / "root", {"effects.py": SIDE_EFFECT + IMPORT + BAD, "pkg/inner.py": USES, "pkg/__init__.py": ""})
    (folder / "root" / "linked.py").symlink_to(folder / "outside.py")
    (folder / "root" / "linkeddir").symlink_to(folder / "secret")
    (folder / "root" / "around").symlink_to(folder / "root")
    return folder / "root"


def test_nothing_outside_the_root_is_read_and_nothing_runs(tmp_path: Path) -> None:
    root = project(tmp_path)
    done = flake8(root, "app.py", "pkg/inner.py", "effects.py", python=("-c", AUDITED), select="ASQ,ASQ9,F")
    assert [row for row in rows(done) if "ASQ102" in row] == ["effects.py:5:30 ASQ102"]
    assert not (root / "executed").exists()
    opened, modules = json.loads((root / "report.json").read_text())
    below = [path for path in opened if path.startswith(str(tmp_path))]
    assert [path for path in below if not path.startswith(str(root))] == []
    assert str(root / "effects.py") in below
    assert not {"subprocess.Popen", "os.system", "socket.connect"} & set(opened)
    assert not {"libcst", "sqlalchemy", "effects", "outside"} & set(modules)


def test_given_root_bounds_what_is_read(tmp_path: Path) -> None:
    files = {
        "settings.py": "URL = 'mysql+pymysql://h'\n",
        "app/main.py": f"from settings import URL\n{IMPORT}create_async_engine(URL)\n",
    }
    write(tmp_path, files)
    assert rows(flake8(tmp_path, "app/main.py")) == ["app/main.py:3:21 ASQ102"]
    assert rows(flake8(tmp_path, "--async-sqla-root=app", "app/main.py")) == []
