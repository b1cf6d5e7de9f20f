"""The command: builds the corpus and the environments, measures in rounds, prints a table."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import corpus, environments, figures
from benchmarks.rounds import Rounds

_SMALL = ("chainlit", "langflow-base", "sqlmodel")


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    options = _parser().parse_args(argv)
    cache = options.cache.expanduser().absolute()
    place = options.corpus.absolute() if options.corpus else corpus.build(cache)
    names = [] if options.corpus or options.sample == "full" else _SMALL
    if names:
        place = _copied(place, cache / "small", names)
    files = corpus.files(place)
    programs = {} if options.alone else {name: environments.made(name, cache) for name in environments.PEERS}
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    lines = sum(path.read_bytes().count(b"\n") for path in files)
    uses = sum(map(corpus.uses_sqlalchemy, files))
    projects = ", ".join(sorted({path.relative_to(place).parts[0] for path in files}))
    words = f"{len(files)} files with {lines} lines, of which {uses} name SQLAlchemy or SQLModel: {projects}."
    rounds = Rounds(place, files, programs, cache)
    inside: dict[str, float] = {}
    page = ""
    for number in range(1, options.rounds + 1):
        print(f"round {number} of {options.rounds}", file=sys.stderr)
        rounds.run()
        inside = inside or rounds.inside()
        page = figures.markdown(rounds.series.values(), inside, f"Rounds: {number}. {words}")
        if options.json:
            found = figures.document(rounds.series.values(), inside, words)
            options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        if options.markdown:
            options.markdown.write_text(page, encoding="utf-8")
    print(page)


def _copied(place: Path, small: Path, names: Sequence[str]) -> Path:
    small.mkdir(parents=True, exist_ok=True)
    for item in corpus.PINNED:
        target = small / f"{item.name}-{item.version}"
        if item.name in names and not target.exists():
            shutil.copytree(place / target.name, target)
    return small


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--cache", type=Path, default=Path("~/.cache/flake8-async-sqla-benchmarks"), help="where to keep downloads"
    )
    parser.add_argument("--corpus", type=Path, help="measure on this directory instead")
    parser.add_argument("--sample", choices=("small", "full"), default="full", help="three projects or all")
    parser.add_argument("--alone", action="store_true", help="no other tools")
    parser.add_argument("--rounds", type=int, default=5, help="how often to measure (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="write all figures there")
    parser.add_argument("--markdown", type=Path, help="write the tables there")
    return parser


if __name__ == "__main__":
    main()
