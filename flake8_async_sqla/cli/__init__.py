"""The command line: ``flake8-async-sqla check|fix|migrate|explain|rules``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from flake8_async_sqla import CACHE_DIRECTORY, __version__
from flake8_async_sqla.cli.errors import UserError
from flake8_async_sqla.cli.migrate_options import add_migrate

CLEAN, FINDINGS, ERROR = 0, 1, 2

_PASSED_ON = """\
PATHS are files, directories or - for standard input; without one, the current directory is taken.
All other options are flake8's, as --select, --config, --exclude, --stdin-display-name or --async-sqla-target, and are
read from flake8's configuration too. ASQ rules need not be selected there.
"""
_CHECK = f"""\
{_PASSED_ON}
--format takes flake8's formats and those of its plugins, and: text, html, json, sarif, github, gitlab.
exit codes: 0 nothing found, or --exit-zero; 1 findings; 2 an error
"""
_CODES = {
    "--fixable": "fix only these codes or prefixes, with commas between",
    "--unfixable": "leave these alone",
    "--extend-safe-fixes": "take the unsafe fixes of these as safe",
    "--extend-unsafe-fixes": "take the safe fixes of these as unsafe",
}
_FIX = f"""\
{_PASSED_ON}
exit codes: 0 done, also when findings without an applicable fix remain; with --check or --diff 1 when something would
change; 2 an error
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: The arguments; those of the process when left out.

    Returns:
        The exit code: 0 clean, 1 findings, 2 a wrong use or an error.
    """
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else ERROR
    except UserError as error:
        print(f"flake8-async-sqla: {error}", file=sys.stderr)
        return ERROR
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINDINGS
    except Exception:
        import traceback

        traceback.print_exc()
        print("flake8-async-sqla: this is a defect of flake8-async-sqla; please report it", file=sys.stderr)
        return ERROR


def _run(argv: Sequence[str]) -> int:
    arguments, rest = _parser().parse_known_args(argv)
    match arguments.command:
        case "check":
            if arguments.add_noqa:
                from flake8_async_sqla.cli.baseline import add_noqa

                return add_noqa(rest, force_exclude=arguments.force_exclude)
            from flake8_async_sqla.cli import check
            from flake8_async_sqla.cli.setup import Setup

            setup = Setup(rest, arguments.cache_dir, no_cache=arguments.no_cache)
            return check.run(setup, force_exclude=arguments.force_exclude)
        case "fix":
            return _fix(arguments, rest)
    if rest:
        raise UserError(f"unrecognized arguments: {' '.join(rest)}")
    if arguments.command == "migrate":
        from flake8_async_sqla.cli import migrate

        return migrate.command(arguments)
    from flake8_async_sqla.cli import pages

    return pages.explain(arguments.code) if arguments.command == "explain" else pages.table()


def _fix(arguments: argparse.Namespace, rest: Sequence[str]) -> int:
    from flake8_async_sqla.cli import fix
    from flake8_async_sqla.cli.policy import Policy, prefixes
    from flake8_async_sqla.cli.setup import Setup

    policy = Policy(
        unsafe=arguments.unsafe_fixes,
        fixable=prefixes(arguments.fixable, "--fixable") or ("ASQ",),
        unfixable=prefixes(arguments.unfixable, "--unfixable"),
        safe=prefixes(arguments.extend_safe_fixes, "--extend-safe-fixes"),
        demoted=prefixes(arguments.extend_unsafe_fixes, "--extend-unsafe-fixes"),
    )
    setup = Setup(rest, arguments.cache_dir, no_cache=arguments.no_cache)
    return fix.run(setup, policy, diff=arguments.diff, check=arguments.check, force_exclude=arguments.force_exclude)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="flake8-async-sqla",
        description="Finds and repairs mistakes with SQLAlchemy's asyncio extension.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, words: str, usage: str | None = None, epilog: str | None = None) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=words,
            description=f"{words[0].upper()}{words[1:]}.",
            usage=usage and f"flake8-async-sqla {usage}",
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    check = command("check", "list the findings", "check [OPTIONS] [FLAKE8 OPTIONS] [PATHS]", _CHECK)
    check.add_argument("--add-noqa", action="store_true", help="silence all findings by comments, as a baseline")
    fix = command("fix", "repair what can be repaired", "fix [OPTIONS] [FLAKE8 OPTIONS] [PATHS]", _FIX)
    fix.add_argument("--diff", action="store_true", help="show what would change, and write nothing")
    fix.add_argument("--check", action="store_true", help="only tell whether something would change")
    fix.add_argument("--unsafe-fixes", action="store_true", help="make the fixes too that a reader must look at")
    for name, words in _CODES.items():
        fix.add_argument(name, action="append", default=[], metavar="CODES", help=words)
    for either in (check, fix):
        either.add_argument(
            "--force-exclude", action="store_true", help="leave out named files below an excluded directory too"
        )
        either.add_argument("--no-cache", action="store_true", help="find everything anew, and keep nothing")
        either.add_argument(
            "--cache-dir",
            metavar="DIR",
            help=f"where findings are kept for the next run (default: what is configured, or else {CACHE_DIRECTORY})",
        )
    add_migrate(command)
    command("explain", "print the page of a rule").add_argument("code", metavar="CODE", help="a code or name of a rule")
    command("rules", "list all rules")
    return parser
