"""Codemods for ``python -m libcst.tool codemod --no-format -x flake8_async_sqla.codemods.FixAll PATH``.

They fix what ``flake8-async-sqla fix`` does, with the same engine and flake8's configuration of the working directory;
`Migrate` does what ``flake8-async-sqla migrate`` does.
"""

from __future__ import annotations

import argparse
import functools
import multiprocessing
import os
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import libcst as cst
from libcst.codemod import CodemodCommand, CodemodContext, SkipFile

from flake8_async_sqla.cli.errors import UserError
from flake8_async_sqla.cli.flake8_bridge import Configuration
from flake8_async_sqla.cli.migrate import planned
from flake8_async_sqla.cli.policy import Policy
from flake8_async_sqla.cli.repair import repaired


class FixAll(CodemodCommand):
    """Repairs all mistakes with SQLAlchemy's asyncio extension that can be repaired."""

    DESCRIPTION = "Repair mistakes with SQLAlchemy's asyncio extension."
    FAMILIES: ClassVar[tuple[str, ...]] = ("ASQ",)

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        """Register the command's options."""
        arg_parser.add_argument(
            "--unsafe-fixes", action="store_true", help="make the fixes too that a reader must look at"
        )

    def __init__(self, context: CodemodContext, unsafe_fixes: bool = False) -> None:
        """Take the options.

        Args:
            context: What LibCST knows about the file.
            unsafe_fixes: Whether to make unsafe fixes too.
        """
        super().__init__(context)
        self._unsafe = unsafe_fixes

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """Return the repaired module.

        Raises:
            SkipFile: LibCST would change bytes that are not to be fixed.
            ValueError: flake8's configuration or the file makes no sense.
        """
        path = self.context.filename or "stdin"
        if self.context.filename and Path(path).read_bytes() != tree.bytes:
            raise SkipFile("LibCST does not reproduce the file; use 'flake8-async-sqla fix'")
        try:
            policy = Policy(unsafe=self._unsafe, fixable=self.FAMILIES)
            repair = repaired(path, tree.bytes, Configuration([path]), policy)
        except UserError as error:
            raise ValueError(str(error)) from None
        return tree if repair.source == tree.bytes else cst.parse_module(repair.source)


class FixEngines(FixAll):
    """Repairs engines, URLs and pools (ASQ1xx)."""

    DESCRIPTION = "Repair engines, URLs and pools."
    FAMILIES = ("ASQ1",)


class FixSessions(FixAll):
    """Repairs sessions and their factories (ASQ2xx)."""

    DESCRIPTION = "Repair sessions and their factories."
    FAMILIES = ("ASQ2",)


class FixAwaiting(FixAll):
    """Repairs coroutines that nobody awaits, and awaits that do not belong (ASQ3xx)."""

    DESCRIPTION = "Repair missing, late and needless awaits."
    FAMILIES = ("ASQ3",)


class FixSyncApi(FixAll):
    """Repairs sync-only API on async objects (ASQ4xx)."""

    DESCRIPTION = "Repair sync-only API on async objects."
    FAMILIES = ("ASQ4",)


class FixImplicitIO(FixAll):
    """Loads what is read, and what else keeps reads from needing the database (ASQ5xx)."""

    DESCRIPTION = "Load the attributes that are read."
    FAMILIES = ("ASQ5",)


class FixBlocking(FixAll):
    """Repairs synchronous sessions and connections in coroutines (ASQ6xx)."""

    DESCRIPTION = "Repair synchronous database calls in coroutines."
    FAMILIES = ("ASQ6",)


class FixTransactions(FixAll):
    """Repairs transactions that are lost or ended twice (ASQ7xx)."""

    DESCRIPTION = "Repair transactions."
    FAMILIES = ("ASQ7",)


class FixMigrations(FixAll):
    """Repairs Alembic environments and tests (ASQ8xx)."""

    DESCRIPTION = "Repair Alembic environments and tests."
    FAMILIES = ("ASQ8",)


@functools.cache
def _planned(places: tuple[str, ...]) -> dict[str, bytes]:
    """Return the new bytes of each file, as planned before the first one was written: LibCST asks anew for each."""
    try:
        root, done = planned(places)
    except UserError as error:
        raise ValueError(str(error)) from None
    return {os.path.join(root, path): new for path, (_, new) in done.files.items()}


class Migrate(CodemodCommand):
    """Turns a synchronous project into an asynchronous one."""

    DESCRIPTION = "Migrate a project to SQLAlchemy's asyncio extension."

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        """Register the command's options."""
        arg_parser.add_argument(
            "--project", action="append", default=[], metavar="DIR", help="a directory to plan for, tests included"
        )

    def __init__(self, context: CodemodContext, project: Sequence[str] = ()) -> None:
        """Plan the whole project, before LibCST writes the first file.

        Args:
            context: What LibCST knows about the file.
            project: Directories and files; without one, the working directory.

        Raises:
            ValueError: A directory does not exist, or LibCST works in several processes.
        """
        super().__init__(context)
        if multiprocessing.parent_process() is not None:
            raise ValueError("a migration is planned once, for all files: give LibCST the option -j 1")
        self._files = _planned(tuple(project) or (".",))

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """Return the module as the plan wants it."""
        new = self._files.get(os.path.abspath(self.context.filename or ""))
        return tree if new is None else cst.parse_module(new)
