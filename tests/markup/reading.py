"""Reads pages as a strict browser would."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

_VOID = ("input", "link", "meta", "br")
_ASKING = ("src", "srcset", "data", "poster", "action", "formaction", "background")


class Reader(HTMLParser):
    """What a page holds; elements must be closed in their order.

    Attributes:
        ids: The elements' ids.
        links: Where links lead.
        tags: How many elements there are of a name.
        text: The text in elements of a name and class, as ``pre.code``.
        handlers: Attributes that run scripts, or that ask for something.
    """

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: Counter[str] = Counter()
        self.text: dict[str, list[str]] = {}
        self.handlers: list[str] = []
        self._open: list[tuple[str, str]] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        assert len(given) == len(attrs)
        self.tags[tag] += 1
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if tag == "a" else []
        self.handlers += [name for name in given if name.startswith("on") or name in _ASKING]
        name = f"{tag}.{given['class'].split()[0]}" if given.get("class") else tag
        if tag not in _VOID:
            self._open.append((tag, name))
            self.text.setdefault(name, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for name in {name for _, name in self._open}:
            self.text[name][-1] += data

    def dead_links(self) -> list[str]:
        """List the links that lead nowhere in the page."""
        return [link for link in self.links if link.startswith("#") and link[1:] not in self.ids]
