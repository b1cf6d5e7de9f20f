"""``migrate``: turn a synchronous project into an asynchronous one, or show what would become of it."""

from __future__ import annotations

import io
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from flake8_async_sqla.cli.differences import difference, print_bytes
from flake8_async_sqla.cli.errors import UserError
from flake8_async_sqla.cli.files import parse
from flake8_async_sqla.fixes.write import NotWritten
from flake8_async_sqla.migrate.migration import ORDER, Migration, migrate
from flake8_async_sqla.migrate.project import DEFAULT, Options, files_below
from flake8_async_sqla.migrate.reports.report import as_json, markdown
from flake8_async_sqla.migrate.reports.report_page import as_html
from flake8_async_sqla.migrate.write import write_all
from flake8_async_sqla.rules import load
from flake8_async_sqla.rules.run import findings
from flake8_async_sqla.semantics.files.project import forget
from flake8_async_sqla.semantics.files.source import find_root, inside
from flake8_async_sqla.semantics.settings import Settings, SettingsError

_REPORTS = {".html": as_html, ".md": markdown, ".json": as_json}


def command(arguments: Namespace) -> int:
    """Migrate a project.

    Args:
        arguments: What `migrate_options` describes.

    Returns:
        0 when nothing is left in the way, 1 when something was refused or, without ``--write``, would change.
    """
    report = Path(arguments.report) if arguments.report is not None else None
    if report is not None and report.suffix not in _REPORTS:
        raise UserError(f"--report: {arguments.report!r} does not end with {', '.join(_REPORTS)}")
    if report is not None and (report.is_dir() or not report.parent.is_dir()):
        raise UserError(f"--report: {arguments.report!r} cannot be written")
    options = Options(arguments.bridge, arguments.threads)
    root, done = planned([*arguments.sources, *arguments.tests], arguments.stage, arguments.driver, options)
    if arguments.write:
        try:
            write_all(Path(root), done.files)
        except NotWritten as error:
            raise UserError(f"nothing was written: {error}") from None
    else:
        for path, (old, new) in sorted(done.files.items()):
            print_bytes(difference(path, old, new))
    if report is not None:
        _write_report(report, _REPORTS[report.suffix](done))
    _tell(done, arguments.write)
    return 1 if done.refused or (done.files and not arguments.write) else 0


def _write_report(report: Path, text: str) -> None:
    try:
        report.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"--report: {report}: {error.strerror or error}") from None


def planned(
    places: Sequence[str], stage: str = "all", drivers: Sequence[str] = (), options: Options = DEFAULT
) -> tuple[str, Migration]:
    """Plan a migration.

    Args:
        places: Files and directories.
        stage: One of the stages, or ``all``.
        drivers: Async drivers to use, as ``postgresql=asyncpg``.
        options: What the migration shall do besides.

    Returns:
        The root of the project, and what would become of its files.

    Raises:
        UserError: The arguments make no sense.
    """
    root = _root(places)
    stages = list(ORDER) if stage == "all" else [stage]
    return root, migrate(root, files_below(root, places), stages, _settings(drivers), lint, options)


def _settings(drivers: Sequence[str]) -> Settings:
    pairs = [item for words in drivers for item in words.split(",") if item]
    options = Namespace(async_sqla_target=[], async_sqla_app="auto", async_sqla_drivers=pairs, async_sqla_root=None)
    try:
        return Settings.from_options(options)
    except SettingsError as error:
        raise UserError(str(error).replace("--async-sqla-drivers", "--driver")) from None


def _root(places: Sequence[str]) -> str:
    for place in places:
        if not os.path.exists(place):
            raise UserError(f"{place}: there is no such file or directory")
    roots = [find_root(os.path.join(os.path.abspath(place), "x")) for place in places]
    above = [root for root in (*roots, os.getcwd()) if all(inside(os.path.abspath(place), root) for place in places)]
    if not above:
        raise UserError(f"{places[-1]} lies outside the project, {roots[0]}")
    return above[0]


def lint(paths: Sequence[str], root: str) -> list[list[tuple[str, int, str]]]:
    """Give our own findings in some files, opinions aside."""
    forget()
    settings = Settings(root=root)
    codes = [code for code, rule in load().items() if not rule.opinion]
    found = []
    for path in paths:
        tree, lines = parse(path, Path(path).read_bytes())
        items = findings(tree, lines, path, settings, codes, positions_only=True)
        found.append([(item.code, getattr(item.at, "lineno", 1), item.message) for item in items])
    forget()
    return found


def _tell(done: Migration, write: bool) -> None:
    out = io.StringIO()
    for remark in done.plan.refusals:
        print(f"{remark.path}:{remark.line}: in the way: {remark.text}", file=out)
    for remark in [*done.plan.hygiene, *done.plan.notes]:
        print(f"{remark.path}:{remark.line}: look at this: {remark.text}", file=out)
    verb = "Migrated" if write else "Would migrate"
    files = len(done.files)
    words = f"{verb} {files} file{'s' * (files != 1)}" if files else "Nothing to migrate"
    left = f"; {len(done.refused)} left as they are" if done.refused else ""
    print(f"{words}{left}.", file=out)
    sys.stderr.write(out.getvalue())
