"""Routes of routers whose class is the project's own."""

from __future__ import annotations

from pathlib import Path

from tests.migrate.kit import migrated

ROUTERS = """\
from fastapi import APIRouter, Depends
from sqlalchemy import text
from sqlalchemy.orm import Session
from database import get_db


class UserRouter(APIRouter):
    def __init__(self, **options):
        super().__init__(dependencies=[], **options)
{more}

class AdminRouter(UserRouter):
    pass


router = AdminRouter(prefix="/users")


class Users:
    @router.get("")
    def everybody(self, db: Session = Depends(get_db)):
        return db.scalar(text("SELECT 1"))
"""
GET_DB = """\
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

engine = create_engine("sqlite://")


def get_db():
    with Session(engine) as db:
        yield db
"""


def test_routers_of_a_projects_own_class(tmp_path: Path) -> None:
    done = migrated(tmp_path, {"database.py": GET_DB, "routes.py": ROUTERS.format(more="")})
    assert done.plan.refusals == []
    assert "    async def everybody(self, db: AsyncSession = " in done.files["routes.py"][1].decode()


def test_router_that_registers_in_its_own_way_is_unknown(tmp_path: Path) -> None:
    more = "\n    def get(self, path):\n        return lambda function: function()\n"
    done = migrated(tmp_path, {"database.py": GET_DB, "routes.py": ROUTERS.format(more=more)})
    assert "it is not known whether @router.get works on a coroutine function" in done.plan.refusals[0].text
