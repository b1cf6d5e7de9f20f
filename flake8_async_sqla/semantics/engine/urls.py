"""Database URLs: what a URL expression names."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from flake8_async_sqla.semantics.engine.given import searching
from flake8_async_sqla.semantics.engine.handed import handed
from flake8_async_sqla.semantics.engine.text import HOLE, Text, texts
from flake8_async_sqla.semantics.module import Module

_URL = re.compile(r"(?P<scheme>[A-Za-z][\w+]*)://(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """A URL that an engine may be made with.

    Attributes:
        scheme: ``backend`` or ``backend+driver``.
        database: What follows host and port, if it can be seen; `HOLE` inside for unknown parts.
        query: Argument names of the query string, with their values (`HOLE` for unknown parts).
        text: The string it was read from.
    """

    scheme: str
    database: str
    query: dict[str, str]
    text: Text

    @property
    def backend(self) -> str:
        """The database, as ``postgresql``."""
        return self.scheme.partition("+")[0]

    @property
    def driver(self) -> str:
        """The driver; empty where the URL leaves it to the default."""
        return self.scheme.partition("+")[2]

    def place(self, module: Module) -> str:
        """Say where the URL is written, unless that is the same file."""
        if self.text.module == module:
            return ""
        return f" ({self.text.module.relative_path}:{self.text.node.lineno})"


def urls(module: Module, node: ast.expr | None) -> list[DatabaseUrl]:
    """List the database URLs that an expression may give; empty where one of them cannot be told.

    Args:
        module: The module that holds the expression.
        node: What is given as the URL.
    """
    with searching():
        found = texts(module, node)
        if not found.known and not found.rebound and isinstance(node, (ast.Name, ast.Attribute)):
            found = module.cached(("handed", node), lambda: handed(module, node))
    parsed = [parse(text) for text in found.known if text.value]
    if found.rebound or None in parsed:
        return []
    return [url for url in parsed if url is not None]


def parse(text: Text) -> DatabaseUrl | None:
    """Read a URL string; ``None`` if its scheme cannot be told."""
    match = _URL.match(text.value)
    if match is None:
        return None
    rest, _, query = match["rest"].partition("?")
    authority, slash, database = rest.partition("/")
    pairs = dict(pair.partition("=")[::2] for pair in query.split("&") if pair and HOLE not in pair.partition("=")[0])
    return DatabaseUrl(match["scheme"], database if slash else authority and HOLE, pairs, text)
