"""Generate the tables of `flake8_async_sqla.facts` from installed packages.

Observe each SQLAlchemy series with an interpreter that has it installed, then write the tables from all observations:

    python -m flake8_async_sqla.dev facts observe > 2.0.json
    python -m flake8_async_sqla.dev facts write 1.4.json 2.0.json 2.1.json
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
import warnings
from collections.abc import Sequence
from typing import Any


def main(argv: Sequence[str] | None = None) -> int:
    """Run the generator.

    Args:
        argv: ``observe``, or ``write`` and the files of observations, one per supported series.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="python -m flake8_async_sqla.dev facts", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("observe", help="print what the installed packages are, as JSON")
    write = commands.add_parser("write", help="write the tables from observations of all series")
    write.add_argument("observations", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args(argv)
    if arguments.command == "observe":
        json.dump(observe(), sys.stdout, indent=1, sort_keys=True)
        return 0
    from flake8_async_sqla.dev.facts_writing import tables

    series = [json.loads(path.read_text("utf-8")) for path in arguments.observations]
    folder = pathlib.Path(__file__).parent.parent / "facts"
    for name, source in tables({one["series"]: one for one in series}).items():
        (folder / name).write_text(source, "utf-8")
    return 0


def observe() -> dict[str, Any]:
    """Describe the packages that this interpreter can import."""
    warnings.simplefilter("ignore")
    import sqlalchemy

    from flake8_async_sqla.dev import facts_dialects, facts_drivers, facts_keywords, facts_members, facts_symbols

    return {
        "series": ".".join(sqlalchemy.__version__.split(".")[:2]),
        "members": facts_members.observe(),
        "symbols": facts_symbols.observe(),
        "keywords": facts_keywords.observe(),
        "dialects": facts_dialects.observe(),
        "drivers": facts_drivers.observe(),
    }


if __name__ == "__main__":
    sys.exit(main())
