"""Elements: what is put into them is escaped, unless it is markup itself."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

_VOID = frozenset({"br", "input", "link", "meta"})
_TREACHEROUS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)


class Html(str):
    """Markup, safe as it stands."""

    __slots__ = ()


def escaped(text: str) -> Html:
    """Return text as markup; signs that a browser hides, turns around or refuses become visible."""
    if isinstance(text, Html):
        return text
    return Html(html.escape(_TREACHEROUS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)))


def joined(parts: Iterable[str], between: str = "") -> Html:
    """Return text and markup one after the other."""
    return Html(escaped(between).join(map(escaped, parts)))


def tag(name: str, /, *content: str, **attributes: str | int | bool | None) -> Html:
    """Return an element.

    Args:
        name: Its name.
        *content: Text and markup.
        **attributes: ``class_`` is ``class``, ``aria_label`` is ``aria-label``; one that is False or None is left out.
    """
    given = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escaped(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Html(f"<{name}{given}>" if name in _VOID else f"<{name}{given}>{joined(content)}</{name}>")


def prose(text: str) -> Html:
    """Return text in which backticks set off code."""
    parts = re.split("`+([^`]+)`+", text)
    return joined(tag("code", part) if number % 2 else part for number, part in enumerate(parts))
