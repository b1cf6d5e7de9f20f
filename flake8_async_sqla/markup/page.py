"""A page that is one file: it asks for nothing, and reads without scripts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files

from flake8_async_sqla import __version__
from flake8_async_sqla.markup.html import Html, joined, tag

_ICON = "data:,"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page.

    Attributes:
        id: Names it in links.
        title: Its heading.
        content: What follows the heading.
        count: How many things it holds, if it holds things.
    """

    id: str
    title: str
    content: Html
    count: int | None = None


def page(title: str, facts: Iterable[tuple[str, str]], sections: Sequence[Section], address: str) -> str:
    """Write a page.

    Args:
        title: What it says in a line.
        facts: Figures with their words.
        sections: Its parts.
        address: Where the documentation is.
    """
    style, script = _resource("page.css"), _resource("page.js")
    policy = f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="generator", content=f"flake8-async-sqla {__version__}"),
        tag("link", rel="icon", href=_ICON),
        tag("title", title),
        tag("style", Html(style)),
    )
    figures = (tag("div", tag("dt", words), tag("dd", figure)) for figure, words in facts)
    banner = tag(
        "header",
        tag("p", "flake8-async-sqla", class_="brand"),
        tag("h1", title),
        tag("dl", *figures, class_="facts"),
    )
    links = [tag("li", tag("a", part.title, *_count(part), href=f"#{part.id}")) for part in sections]
    body = tag(
        "body",
        tag("a", "Skip to the content", href="#content", class_="skip"),
        banner,
        tag("nav", tag("ul", *links), aria_label="Parts of this page"),
        tag("main", *map(_section, sections), id="content", tabindex="-1"),
        tag("footer", tag("p", "Made by ", tag("a", f"flake8-async-sqla {__version__}", href=address), ".")),
        tag("script", Html(script)),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def details(summary: Html, *content: str, opened: bool = False, class_: str | None = None) -> Html:
    """Return something that a reader can open."""
    return tag("details", tag("summary", summary), *content, open=opened, class_=class_)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], caption: str) -> Html:
    """Return a table whose first column names the rows."""
    head = tag("tr", *(tag("th", cell, scope="col") for cell in heads))
    body = (tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:])) for row in rows)
    parts = tag("caption", caption), tag("thead", head), tag("tbody", *body)
    return tag("div", tag("table", *parts), class_="wide", tabindex="0", role="region", aria_label=caption)


def _section(part: Section) -> Html:
    return tag("section", tag("h2", part.title, *_count(part), id=part.id), part.content, aria_labelledby=part.id)


def _count(part: Section) -> list[Html]:
    return [] if part.count is None else [joined([" ", tag("span", str(part.count), class_="count")])]


def _resource(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
