"""`python -m flake8_async_sqla.dev`: rules, README, facts, and comparisons with other tools and runs."""

from __future__ import annotations

import argparse
import sys

from flake8_async_sqla.dev import blocks, comparison, facts, new, readme, reliability


def main(arguments: list[str] | None = None) -> None:
    """Run one tool.

    Args:
        arguments: The command line after the program's name.
    """
    parser = argparse.ArgumentParser(prog="python -m flake8_async_sqla.dev", description=__doc__)
    tools = parser.add_subparsers(dest="tool", required=True)
    start = tools.add_parser("new", help="start a rule: its file, fixture, proof and changelog fragment")
    start.add_argument("code", type=new.code, help="ASQ and three digits")
    start.add_argument("name", type=new.name, help="in kebab case, as sync-pool-on-async-engine")
    tools.add_parser("readme", help="let README.md show the real findings in the example")
    tools.add_parser("picture", help="draw docs/picture.svg, what a terminal shows")
    tools.add_parser("blocks", help="let the pages show what the commands in them really print")
    tools.add_parser("facts", help="observe the installed SQLAlchemy, or write the tables", add_help=False)
    tools.add_parser("comparison", help="run the installed type checkers and linters for docs/comparison.md")
    tools.add_parser("reliability", help="lint and fix files in memory, and count defects", add_help=False)
    tools.add_parser("differential", help="compare predictions with runs of random programs", add_help=False)
    tools.add_parser("ladder", help="migrate a public project and run its tests", add_help=False)
    chosen, rest = parser.parse_known_args(arguments)
    if chosen.tool == "facts":
        facts.main(rest)
        return
    if chosen.tool == "reliability":
        sys.exit(reliability.main(rest))
    if chosen.tool == "ladder":
        from flake8_async_sqla.dev.ladder.command import main as climb

        sys.exit(climb(rest))
    if chosen.tool == "differential":
        from flake8_async_sqla.dev.differential import command  # needs SQLAlchemy's version, the other tools do not

        command.main(rest)
        return
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if chosen.tool == "picture":
        from flake8_async_sqla.dev import picture  # needs rich, the other tools do not

        picture.rewrite()
        return
    if chosen.tool in (rewriters := {"readme": readme, "blocks": blocks, "comparison": comparison}):
        rewriters[chosen.tool].rewrite()
        return
    try:
        for path in new.scaffold(readme.ROOT, chosen.code, chosen.name):
            print(path.relative_to(readme.ROOT))
    except FileExistsError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
