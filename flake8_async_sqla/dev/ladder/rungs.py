"""The projects: which part of each is migrated, and how its tests are run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Rung:
    """One project.

    Attributes:
        project: Where a reader finds it.
        parts: What of its directory is needed, as glob patterns.
        sources: What is migrated.
        tests: What is migrated as tests.
        targets: What pytest is given.
        apart: Test files that want a process each, as glob patterns.
        options: More words for the command ``migrate``.
        database: Whether it needs a PostgreSQL.
        environment: Variables that the project's settings read.
        setup: Commands that come before the tests, by the project's interpreter.
        imported: Directories that Python shall import from, besides the project's own.
        by_hand: What a person changes before the migration: a file, what stands in it, and what takes its place.
    """

    project: str
    parts: tuple[str, ...]
    sources: tuple[str, ...]
    tests: tuple[str, ...] = ("tests",)
    targets: tuple[str, ...] = ("tests",)
    apart: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    database: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    setup: tuple[tuple[str, ...], ...] = ()
    imported: tuple[str, ...] = ()
    by_hand: tuple[tuple[str, str, str], ...] = ()


_LOADED = "src/chanjo2/populate_demo.py"
_TUTORIAL = ("docs_src/*.py", "docs_src/tutorial/*.py", "tests/*.py", "tests/test_tutorial/*.py")

RUNGS = {
    "L1": Rung(
        "github.com/fastapi/fastapi",
        (*_TUTORIAL, "docs_src/sql_databases/*.py", "tests/test_tutorial/test_sql_databases/*.py"),
        ("docs_src",),
        targets=("tests/test_tutorial/test_sql_databases",),
    ),
    "L2": Rung(
        "github.com/fastapi/sqlmodel",
        (*_TUTORIAL, "docs_src/tutorial/fastapi/**/*.py", "tests/test_tutorial/test_fastapi/**/*.py"),
        ("docs_src",),
        targets=("tests/test_tutorial/test_fastapi",),
        apart=("docs_src/tutorial/fastapi/app_testing/*/test_*.py",),
    ),
    "L3": Rung(
        "github.com/fastapi/fastapi, commit 4491ea688",
        (
            *_TUTORIAL,
            "docs_src/sql_databases/__init__.py",
            "docs_src/sql_databases/sql_app/**/*.py",
            "tests/test_tutorial/test_sql_databases/__init__.py",
            "tests/test_tutorial/test_sql_databases/test_sql_databases.py",
            "tests/test_tutorial/test_sql_databases/test_sql_databases_middleware.py",
            "tests/test_tutorial/test_sql_databases/test_testing_databases.py",
        ),
        ("docs_src",),
        targets=(),
        apart=("tests/test_tutorial/test_sql_databases/test_*.py",),
    ),
    "L4": Rung(
        "github.com/fastapi/full-stack-fastapi-template, directory backend of commit f459c20a",
        ("**/*",),
        ("app",),
        options=("--driver", "postgresql=asyncpg"),
        database=True,
        environment={
            "PROJECT_NAME": "ladder",
            "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
            "FIRST_SUPERUSER": "admin@example.com",
            "FIRST_SUPERUSER_PASSWORD": "changethat",
            "EMAILS_FROM_EMAIL": "info@example.com",
            "POSTGRES_SERVER": "127.0.0.1",
            "POSTGRES_USER": "postgres",
        },
        setup=(
            ("app/backend_pre_start.py",),
            ("-m", "alembic", "upgrade", "head"),
            ("app/initial_data.py",),
            ("-m", "alembic", "check"),
        ),
    ),
    "L5": Rung(
        "github.com/Clinical-Genomics/chanjo2, commit bd08102; d4tools, or a stub of it, has to be on the PATH",
        ("src/**/*", "tests/**/*"),
        ("src",),
        imported=("src",),
        by_hand=(
            (_LOADED, "from chanjo2.dbutil import get_session\n", "from chanjo2.dbutil import SessionLocal\n"),
            (_LOADED, "from sqlalchemy.orm import sessionmaker\n", "from sqlalchemy.orm import Session\n"),
            (_LOADED, "db: sessionmaker = next(get_session())\n", "db: Session = SessionLocal()\n"),
        ),
    ),
}
RUNGS["L3-bridge"] = replace(RUNGS["L3"], options=("--bridge",))
