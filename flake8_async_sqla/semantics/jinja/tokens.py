"""The tokens of a Jinja template."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

MAX_SIZE = 200_000
_START = re.compile(r"\{\{|\{%|\{#")
_RAW = re.compile(r"\{%[-+]?\s*raw\s*[-+]?%\}")
_END_RAW = re.compile(r"\{%[-+]?\s*endraw\s*[-+]?%\}")
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<end>[-+]?%\}|-?\}\})
        |(?P<name>[^\W\d]\w*)
        |(?P<number>\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)
        |(?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
        |(?P<operator>\*\*|//|==|!=|<=|>=|[-+*/%~<>()\[\]{}.,:|=;])
    )""",
    re.VERBOSE | re.DOTALL,
)
_CLOSING = {")": "(", "]": "[", "}": "{"}


class NotUnderstood(Exception):
    """The template uses something that this reader does not know."""


class Token(NamedTuple):
    """A token of an expression.

    Attributes:
        kind: What it is.
        text: Its text; of a string, what is between the quotes.
    """

    kind: Literal["name", "number", "string", "operator", "end"]
    text: str


END = Token("end", "")


@dataclass(frozen=True, slots=True)
class Tag:
    """``{{ ... }}``, with an empty name, or ``{% name ... %}``.

    Attributes:
        name: The statement's name.
        tokens: What follows it.
    """

    name: str
    tokens: tuple[Token, ...]


def tags(source: str) -> Iterator[Tag]:
    """Yield the tags of a template; text and comments are left out.

    Raises:
        NotUnderstood: The template is too long, or something is not closed.
    """
    if len(source) > MAX_SIZE:
        raise NotUnderstood
    position = 0
    while (found := _START.search(source, position)) is not None:
        if found.group() == "{#":
            position = source.find("#}", found.end()) + 2
            if position < 2:
                raise NotUnderstood
        elif (raw := _RAW.match(source, found.start())) is not None:
            if (end := _END_RAW.search(source, raw.end())) is None:
                raise NotUnderstood
            position = end.end()
        else:
            tokens, position = _inside(source, found.end() + (source[found.end() : found.end() + 1] in ("-", "+")))
            yield _tag(found.group() == "{%", tokens)


def _tag(statement: bool, tokens: list[Token]) -> Tag:
    if not statement:
        return Tag("", tuple(tokens))
    if not tokens or tokens[0].kind != "name":
        raise NotUnderstood
    return Tag(tokens[0].text, tuple(tokens[1:]))


def _inside(source: str, position: int) -> tuple[list[Token], int]:
    """Read the tokens of a tag, and where it ends; braces of dictionaries do not end it."""
    tokens: list[Token] = []
    opened: list[str] = []
    while True:
        found = _TOKEN.match(source, position)
        if found is None:
            raise NotUnderstood
        text = found.group().strip()
        position = found.end()
        if found["end"] is not None:
            if not opened:
                return tokens, position
            position = found.start("end") + 1
            text = source[position - 1]
            tokens.append(Token("operator", text))
        else:
            kind: Literal["name", "number", "string", "operator"] = found.lastgroup  # type: ignore[assignment]
            tokens.append(Token(kind, text[1:-1] if kind == "string" else text))
        if kind_is_bracket(tokens[-1]):
            _nest(opened, text)


def kind_is_bracket(token: Token) -> bool:
    """Tell whether a token opens or closes something."""
    return token.kind == "operator" and token.text in "()[]{}"


def _nest(opened: list[str], text: str) -> None:
    if text not in _CLOSING:
        opened.append(text)
    elif not opened or opened.pop() != _CLOSING[text]:
        raise NotUnderstood
