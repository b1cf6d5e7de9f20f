"""``--format html``: one page for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from flake8.statistics import Statistics

from flake8_async_sqla.cli.formats.changes import Change, change
from flake8_async_sqla.cli.formats.problem import OwnFormatter, Problem
from flake8_async_sqla.cli.pages import HOME, url
from flake8_async_sqla.cli.reported import File
from flake8_async_sqla.fixes.text import Text
from flake8_async_sqla.markup.code import Listing, Span
from flake8_async_sqla.markup.differences import difference
from flake8_async_sqla.markup.html import Html, joined, prose, tag
from flake8_async_sqla.markup.page import Section, details, page, table
from flake8_async_sqla.rules import load

_FIXES = {
    "safe": ("Safe fix", "safe", "`flake8-async-sqla fix` makes it"),
    "unsafe": ("Unsafe fix", "unsafe", "`flake8-async-sqla fix --unsafe-fixes` makes it: "),
    "display-only": ("Fix to make by hand", "unsafe", ""),
    "": ("No fix", "manual", ""),
}


class _Finding(NamedTuple):
    """A finding as the page shows it."""

    id: str
    path: str
    problem: Problem
    fix: Change | None

    @property
    def place(self) -> str:
        return f"{self.path}:{self.problem.line_number}:{self.problem.column_number}"


class Page(OwnFormatter):
    """Prints all findings as one page, by rule and by file."""

    def after_init(self) -> None:
        """Start an empty page."""
        self._findings: list[_Finding] = []
        self._errors: list[str] = []
        self._listings: dict[str, Listing] = {}

    def show_statistics(self, statistics: Statistics) -> None:
        """Leave them to the page."""

    def problem(self, problem: Problem) -> None:
        """Collect a finding."""
        path = problem.filename.removeprefix("./")
        found = _Finding(f"finding-{len(self._findings) + 1}", path, problem, change(problem.file, problem.item))
        self._findings.append(found)

    def failed(self, path: str, reason: str) -> None:
        """Collect an error of a file."""
        self._errors.append(reason)

    def stop(self) -> None:
        """Print the page."""
        found = self._findings
        paths = list(dict.fromkeys(one.path for one in found))
        title = f"{_counted(len(found), 'finding')} in {_counted(len(paths), 'file')}" if found else "No findings"
        kinds = Counter(one.fix.safety if one.fix else "" for one in found)
        facts = [
            (str(len({one.problem.code for one in found})), "rules"),
            (str(kinds["safe"]), "with a safe fix"),
            (str(kinds["unsafe"]), "with an unsafe fix"),
            (str(kinds["display-only"] + kinds[""]), "for you to change"),
        ]
        sections = [Section("errors", "Not checked", _list(self._errors), len(self._errors))] if self._errors else []
        if found:
            codes = sorted({one.problem.code for one in found})
            sections += [
                Section("rules", "By rule", self._rules(codes), len(codes)),
                Section("files", "By file", joined(map(self._file, paths)), len(paths)),
                Section("findings", "Findings", joined(map(self._rule, codes)), len(found)),
            ]
        self._write(page(title, facts if found else [], sections, HOME).rstrip("\n"))
        super().stop()

    def _of(self, code: str) -> list[_Finding]:
        return [one for one in self._findings if one.problem.code == code]

    def _rules(self, codes: Iterable[str]) -> Html:
        rows = []
        for code in codes:
            found, (name, symptom) = self._of(code), _words(code)
            fixes = sum(1 for one in found if one.fix and one.fix.replacements)
            rule = joined([tag("a", code, href=f"#{code}"), f" {name}", tag("p", symptom, class_="symptom")])
            rows.append((rule, str(len(found)), str(fixes)))
        return table(("Rule, and what you would see", "Findings", "Fixes"), rows, "Findings by rule")

    def _file(self, path: str) -> Html:
        found = [one for one in self._findings if one.path == path]
        summary = joined([tag("span", path, class_="place"), " ", tag("span", str(len(found)), class_="count")])
        rows = (
            tag(
                "li",
                tag(
                    "a", f"{one.problem.line_number}:{one.problem.column_number} {one.problem.code}", href=f"#{one.id}"
                ),
                f" {one.problem.text}",
            )
            for one in found
        )
        return details(summary, tag("ol", *rows), opened=True, class_="file")

    def _rule(self, code: str) -> Html:
        found, (name, symptom) = self._of(code), _words(code)
        heading = tag("h3", f"{code} {name} ", tag("span", str(len(found)), class_="count"), id=code)
        more = tag("a", f"More about {code}", href=url(code)) if name else ""
        about = tag("p", f"You would see: {symptom}. " if symptom else "", more, class_="symptom")
        return tag("section", heading, about, *map(self._article, found), aria_labelledby=code)

    def _article(self, one: _Finding) -> Html:
        item = one.problem.item
        span = Span(item.line, item.column - 1, item.end_line, item.end_column - 1)
        return tag(
            "article",
            tag("h4", one.place, id=one.id),
            tag("p", one.problem.text, class_="message"),
            self._listing(one.problem.file).frame(span),
            _fix(one.problem.file, one.fix),
        )

    def _listing(self, file: File) -> Listing:
        if file.name not in self._listings:
            self._listings[file.name] = Listing(file.lines)
        return self._listings[file.name]


def _words(code: str) -> tuple[str, str]:
    """Return the name of a rule and what its users see; nothing for a finding that is no rule's."""
    rule = load().get(code)
    return (rule.name, rule.symptom) if rule else ("", "")


def _fix(file: File, found: Change | None) -> Html:
    if found is None:
        return Html()
    words, kind, how = _FIXES[found.safety]
    label = joined([tag("span", words, class_=f"tag {kind}"), " ", prose(how), found.reason])
    if not found.replacements:
        return tag("p", label)
    old, new = (Text.decode(source).rows() for source in (file.source, found.after))
    return details(label, difference(old, new), opened=True)


def _list(rows: Iterable[str]) -> Html:
    return tag("ul", *(tag("li", row) for row in rows))


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'s' * (number != 1)}"
