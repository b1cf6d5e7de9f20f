from __future__ import annotations

from pathlib import Path

import pytest

from tests.semantics.revealing import load, reveal

CLASS = "class Engine: pass\n"
LAYOUTS: dict[str, tuple[dict[str, str], str, list[str]]] = {
    "flat folder": ({"db.py": CLASS, "app.py": "from db import Engine\nreveal(Engine)"}, "app.py", ["db.py:Engine"]),
    "flat folder below the root": (
        {"a/db.py": CLASS, "a/app.py": "import db\nreveal(db.Engine)"}, "a/app.py", ["a/db.py:Engine"],
    ),
    "package": (
        {"pkg/__init__.py": "", "pkg/db.py": CLASS, "pkg/app.py": "from pkg.db import Engine as E\nreveal(E)"},
        "pkg/app.py", ["pkg/db.py:Engine"],
    ),
    "src layout": (
        {"src/pkg/__init__.py": "", "src/pkg/db.py": CLASS, "tests/test_db.py": "import pkg.db\nreveal(pkg.db.Engine)"},
        "tests/test_db.py", ["src/pkg/db.py:Engine"],
    ),
    "namespace package": (
        {"ns/part/db.py": CLASS, "app.py": "import ns\nfrom ns.part import db\nreveal(ns)\nreveal(db.Engine)"},
        "app.py", ["package", "ns/part/db.py:Engine"],
    ),
    "relative": (
        {
            "pkg/__init__.py": "", "pkg/db.py": CLASS, "pkg/sub/__init__.py": "",
            "pkg/sub/app.py": "from ..db import Engine\nfrom .. import db\nfrom . import near\nreveal(Engine)\n"
            "reveal(db)\nreveal(near)",
            "pkg/sub/near.py": "",
        },
        "pkg/sub/app.py", ["pkg/db.py:Engine", "pkg/db.py", "pkg/sub/near.py"],
    ),
    "beyond the root": ({"app.py": "from ...db import Engine\nfrom .. import x\nreveal(Engine)\n"
            "reveal(x)"}, "app.py", ["?"] * 2),
    "re-export": (
        {
            "pkg/__init__.py": "from .db import Engine as Renamed\n", "pkg/db.py": CLASS,
            "app.py": "from pkg import Renamed\nimport pkg as p\nreveal(Renamed)\nreveal(p.Renamed)",
        },
        "app.py", ["pkg/db.py:Engine"] * 2,
    ),
    "star": (
        {"db.py": f"{CLASS}class _Own: pass\n", "mid.py": "from db import *\n",
         "app.py": "from mid import *\nreveal(Engine)\nreveal(_Own)"},
        "app.py", ["db.py:Engine", "?"],
    ),
    "star with __all__": (
        {"db.py": f"__all__ = ['_Own']\n{CLASS}class _Own: pass\n", "app.py": "from db import *\n"
                "reveal(Engine)\nreveal(_Own)"},
        "app.py", ["?", "db.py:_Own"],
    ),
    "later star wins": (
        {"a.py": CLASS, "b.py": CLASS, "app.py": "from a import *\nfrom b import *\n"
                "reveal(Engine)"}, "app.py", ["b.py:Engine"],
    ),
    "star of the library": (
        {"app.py": "from sqlalchemy.ext.asyncio import *\nreveal(create_async_engine)"},
        "app.py", ["sqlalchemy.ext.asyncio.create_async_engine"],
    ),
    "cycle": (
        {"a.py": "from b import Engine\n", "b.py": f"from a import Engine as Other\nfrom a import *\n{CLASS}",
         "app.py": "from a import Engine\nfrom b import Other\nreveal(Engine)\nreveal(Other)"},
        "app.py", ["b.py:Engine"] * 2,
    ),
    "cycle without a value": (
        {"a.py": "from b import x\n", "b.py": "from a import x\n", "app.py": "from a import x\n"
                "reveal(x)"}, "app.py", ["?"],
    ),
    "conditional, the same": (
        {"app.py": "try:\n    from sqlalchemy.ext.asyncio import AsyncSession\nexcept ImportError:\n"
         "    from sqlalchemy.ext.asyncio.session import AsyncSession\nreveal(AsyncSession)"},
        "app.py", ["sqlalchemy.ext.asyncio.AsyncSession"],
    ),
    "conditional, another": (
        {"app.py": "try:\n    from sqlmodel import Session\nexcept ImportError:\n    from other import Session\n"
                "reveal(Session)"},
        "app.py", ["?"],
    ),
    "type checking": (
        {"db.py": CLASS, "app.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
                "    from db import Engine\nreveal(Engine)"},
        "app.py", ["db.py:Engine"],
    ),
    "submodule attribute": (
        {"pkg/__init__.py": "", "pkg/sub/__init__.py": "", "pkg/sub/db.py": CLASS,
         "app.py": "import pkg.sub.db\nimport pkg.sub.db as d\nreveal(pkg.sub.db.Engine)\nreveal(d.Engine)\n"
                 "reveal(pkg.sub)"},
        "app.py", ["pkg/sub/db.py:Engine", "pkg/sub/db.py:Engine", "pkg/sub/__init__.py"],
    ),
    "name before submodule": (
        {"pkg/__init__.py": "class db: pass\n", "pkg/db.py": CLASS, "app.py": "from pkg import db\nreveal(db)"},
        "app.py", ["pkg/__init__.py:db"],
    ),
    "same names, nearest first": (
        {"one/db.py": "class One: pass\n", "two/db.py": "class Two: pass\n", "two/app.py": "import db\n"
                "reveal(db.Two)\nreveal(db.One)"},
        "two/app.py", ["two/db.py:Two", "?"],
    ),
    "libraries are not searched for": (
        {"sqlalchemy.py": CLASS, "typing.py": "", "app.py": "from sqlalchemy import Engine\nreveal(Engine)"},
        "app.py", ["sqlalchemy.Engine"],
    ),
    "other library": (
        {"app.py": "import somewhere.deep as s\nfrom somewhere import Thing\nreveal(s)\nreveal(Thing)"},
        "app.py", ["somewhere.deep", "somewhere.Thing"],
    ),
    "the same object by its other names": (
        {"app.py": "import sqlalchemy.engine as e\nfrom sqlalchemy.future import create_engine\n"
                "from sqlalchemy.orm.session import "
         "sessionmaker\nreveal(e.Engine)\nreveal(create_engine)\nreveal(sessionmaker)"},
        "app.py", ["sqlalchemy.Engine", "sqlalchemy.create_engine", "sqlalchemy.orm.sessionmaker"],
    ),
    "inside a function": (
        {"db.py": CLASS, "app.py": "def f():\n    from db import Engine\n    reveal(Engine)\n"
                "reveal(Engine)"}, "app.py", ["db.py:Engine", "?"],
    ),
    "broken module": ({"db.py": "class Engine(:\n", "app.py": "from db import Engine\nimport db\n"
            "reveal(Engine)\nreveal(db.Engine)"}, "app.py", ["?", "?"]),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_imported_names_lead_to_what_they_name(name: str, tmp_path: Path) -> None:
    files, path, expected = LAYOUTS[name]
    assert reveal(load(tmp_path, files, path)) == expected
