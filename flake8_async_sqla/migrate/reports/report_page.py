"""What a migration did and left, as a page."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from flake8_async_sqla.fixes.text import Text
from flake8_async_sqla.markup.code import Listing
from flake8_async_sqla.markup.differences import difference
from flake8_async_sqla.markup.html import Html, joined, prose, tag
from flake8_async_sqla.markup.page import Section, details, page
from flake8_async_sqla.migrate.migration import Migration
from flake8_async_sqla.migrate.model import Remark
from flake8_async_sqla.migrate.reports.advice import advice
from flake8_async_sqla.migrate.reports.graph_picture import LEGEND, call_graph
from flake8_async_sqla.migrate.reports.report import SECTIONS, changed_lines

HOME = "https://flake8-async-sqla.readthedocs.io/en/latest/migrating.html"


def as_html(migration: Migration) -> str:
    """Write the report for a reader with a browser."""
    plan, lines = migration.plan, list(changed_lines(migration))
    count = len(migration.files)
    title = f"Migration of {count} file{'s' * (count != 1)} to asyncio" if count else "Nothing is migrated"
    facts = [
        (str(len(plan.coloured)), "coroutine functions"),
        (str(len(plan.bridges)), "bridges"),
        (str(len(plan.refusals)), "places in the way"),
        (str(len(migration.refused)), "files left as they are"),
        (str(len(plan.hygiene)), "blocking calls"),
        (str(sum(added for _, added, _ in lines)), "lines added"),
        (str(sum(gone for _, _, gone in lines)), "lines removed"),
    ]
    sources = _Sources(migration)
    sections = [
        Section(name, heading, joined([tag("p", prose(words)), *_files(found, sources)]), len(found))
        for name, heading, words in SECTIONS
        if (found := getattr(plan, name))
    ]
    if migration.refused:
        sections.insert(1 if plan.refusals else 0, _left(migration.refused))
    if plan.calls:
        figure = tag("figure", call_graph(plan.calls), tag("figcaption", LEGEND))
        sections.append(Section("graph", "Call graph", figure))
    if lines:
        diffs = joined(_difference(migration, *one) for one in lines)
        sections.append(Section("files", "Changes by file", diffs, len(lines)))
    return page(title, facts, sections, HOME)


class _Sources:
    """The user's files as they were."""

    def __init__(self, migration: Migration) -> None:
        self._migration = migration
        self._listings: dict[str, Listing] = {}

    def line(self, remark: Remark) -> Html:
        """Show the line that a remark is about; nothing where it cannot be read."""
        if remark.path not in self._listings:
            self._listings[remark.path] = Listing(self._rows(remark.path))
        return self._listings[remark.path].line(remark.line)

    def _rows(self, path: str) -> Sequence[str]:
        if path in self._migration.files:
            return _rows(self._migration.files[path][0])
        try:
            return _rows(Path(self._migration.root, path).read_bytes())
        except OSError:
            return []


def _rows(source: bytes) -> list[str]:
    return Text.decode(source).rows()


def _files(remarks: Iterable[Remark], sources: _Sources) -> Iterator[Html]:
    for path, found in groupby(sorted(remarks), lambda remark: remark.path):
        own = list(found)
        summary = joined([tag("span", path, class_="place"), " ", tag("span", str(len(own)), class_="count")])
        yield details(summary, tag("ul", *(_item(remark, sources) for remark in own)), opened=True, class_="file")


def _item(remark: Remark, sources: _Sources) -> Html:
    own, *chain = remark.text.split(" -> ")
    if chain and own.isidentifier():
        steps = joined((tag("code", step) for step in (own, *chain)), " → ")
        return tag("li", tag("span", f"line {remark.line}", class_="line"), " ", steps)
    hint = advice(remark.text)
    return tag(
        "li",
        tag("p", prose(remark.text), class_="message"),
        sources.line(remark) or tag("p", f"line {remark.line}", class_="line"),
        tag("p", hint, class_="advice") if hint else "",
    )


def _left(paths: Sequence[str]) -> Section:
    words = "They hang together by imports with a place in the way: half a migration does not run."
    listed = tag("ul", *(tag("li", path) for path in paths), class_="paths")
    return Section("left", "Files left as they are", joined([tag("p", words), listed]), len(paths))


def _difference(migration: Migration, path: str, added: int, gone: int) -> Html:
    old, new = (_rows(source) for source in migration.files[path])
    summary = (
        tag("span", path.replace(os.sep, "/"), class_="place"),
        " ",
        tag("span", f"+{added}", class_="added"),
        " ",
        tag("span", f"-{gone}", class_="removed"),
    )
    return details(joined(summary), difference(old, new), class_="file")
