"""The statements of a Jinja template, nested."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from flake8_async_sqla.semantics.jinja.tokens import NotUnderstood, Tag, Token, tags

MAX_NESTING = 50


@dataclass(frozen=True, slots=True)
class Output:
    """``{{ value }}``, or a statement that does no more than evaluate something."""

    value: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """``{% set target = value %}``; several targets have no value that matters."""

    targets: tuple[str, ...]
    value: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """``{% if test %}``; ``others`` are the bodies and tests that may not be reached."""

    test: tuple[Token, ...]
    others: tuple[Nodes, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """``{% for targets in ... %}``, with the tokens after ``in``."""

    targets: tuple[str, ...]
    rest: tuple[Token, ...]
    body: Nodes
    otherwise: Nodes


@dataclass(frozen=True, slots=True)
class Block:
    """``{% block name %}``."""

    name: str
    body: Nodes


@dataclass(frozen=True, slots=True)
class Inner:
    """A body that has names of its own: ``with`` (its assignments come first), ``filter``, ``autoescape``."""

    body: Nodes


@dataclass(frozen=True, slots=True)
class Include:
    """``{% include "name" %}``; an empty name for one that is not written down."""

    name: str


@dataclass(frozen=True, slots=True)
class Extends:
    """``{% extends "name" %}``; an empty name for one that is not written down."""

    name: str


@dataclass(frozen=True, slots=True)
class Names:
    """Something that binds names to what has no part in this: macros, imports."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Jump:
    """``{% break %}`` or ``{% continue %}``."""


Node: TypeAlias = Output | Assignment | Condition | Loop | Block | Inner | Include | Extends | Names | Jump
Nodes: TypeAlias = tuple[Node, ...]


def parse(source: str) -> Nodes:
    """Parse a template.

    Raises:
        NotUnderstood: It is no template, or one that uses extensions.
    """
    reader = _Reader(tags(source))
    nodes, ended = reader.body(())
    if ended is not None:
        raise NotUnderstood
    return nodes


class _Reader:
    def __init__(self, found: Iterator[Tag]) -> None:
        self.tags = found
        self.nesting = 0

    def body(self, ends: tuple[str, ...]) -> tuple[Nodes, Tag | None]:
        """Read nodes up to one of some tags, or to the end of the template if there are none."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise NotUnderstood
        nodes: list[Node] = []
        for tag in self.tags:
            if tag.name in ends:
                self.nesting -= 1
                return tuple(nodes), tag
            nodes.extend(self._node(tag))
        if ends:
            raise NotUnderstood
        return tuple(nodes), None

    def _inner(self, end: str) -> Nodes:
        return self.body((end,))[0]

    def _node(self, tag: Tag) -> list[Node]:
        match tag.name:
            case "" | "do":
                return [Output(tag.tokens)]
            case "set":
                return self._set(tag.tokens)
            case "if":
                return [self._condition(tag.tokens)]
            case "for":
                return [self._loop(tag.tokens)]
            case "block":
                return [Block(_text(tag.tokens[:1], "name"), self._inner("endblock"))]
            case "with":
                return [Inner((*_assignments(tag.tokens), *self._inner("endwith")))]
            case "filter" | "autoescape":
                return [Inner(self._inner(f"end{tag.name}"))]
            case "include":
                plain = len(tag.tokens) == 1 or tag.tokens[1:] == _IGNORE_MISSING
                return [Include(_text(tag.tokens[:1], "string") if plain else "")]
            case "extends":
                return [Extends(_text(tag.tokens, "string"))]
            case "macro" | "call":
                self._inner(f"end{tag.name}")
                return [Names((_text(tag.tokens[:1], "name"),) if tag.name == "macro" else ())]
            case "import" | "from":
                return [Names(tuple(token.text for token in tag.tokens if token.kind == "name"))]
            case "break" | "continue":
                return [Jump()]
        raise NotUnderstood

    def _set(self, tokens: tuple[Token, ...]) -> list[Node]:
        targets, value = _split(tokens, "=")
        names = tuple(token.text for token in targets if token.kind == "name")
        if value is not None:
            return [Assignment(names if Token("operator", ".") not in targets else (), value)]
        return [Inner(self._inner("endset")), Names(names[:1])]

    def _condition(self, test: tuple[Token, ...]) -> Condition:
        others: list[Nodes] = []
        while True:
            nodes, tag = self.body(("elif", "else", "endif"))
            others.append(nodes)
            if tag is None or tag.name == "endif":
                return Condition(test, tuple(others))

    def _loop(self, tokens: tuple[Token, ...]) -> Loop:
        targets, rest = _split(tokens, "in")
        if rest is None or not targets:
            raise NotUnderstood
        nodes, tag = self.body(("else", "endfor"))
        otherwise = self._inner("endfor") if tag is not None and tag.name == "else" else ()
        names = tuple(token.text for token in targets if token.kind == "name")
        return Loop(names, rest, nodes, otherwise)


_IGNORE_MISSING = (Token("name", "ignore"), Token("name", "missing"))


def _text(tokens: tuple[Token, ...], kind: str) -> str:
    """Return the text of a single token of a kind; empty if there is another."""
    return tokens[0].text if len(tokens) == 1 and tokens[0].kind == kind else ""


def _split(tokens: tuple[Token, ...], at: str) -> tuple[tuple[Token, ...], tuple[Token, ...] | None]:
    """Split tokens at the first name or operator ``at``."""
    for position, token in enumerate(tokens):
        if token.kind in ("name", "operator") and token.text == at:
            return tokens[:position], tokens[position + 1 :]
    return tokens, None


def _assignments(tokens: tuple[Token, ...]) -> Iterator[Node]:
    """Split ``a = x, b = y`` of a ``with``."""
    depth, start = 0, 0
    for position, token in enumerate((*tokens, Token("operator", ","))):
        if token.kind == "operator" and token.text in "()[]{}":
            depth += 1 if token.text in "([{" else -1
        elif token == Token("operator", ",") and not depth:
            names, value = _split(tokens[start:position], "=")
            start = position + 1
            if value is not None:
                yield Assignment(tuple(name.text for name in names), value)
