"""What Jinja expressions and filters give: the same objects, one of them, or something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from flake8_async_sqla.semantics.jinja.tokens import Token

Argument: TypeAlias = tuple[str, "Token | None"]

ITEM = "[]"
MAX_PATH = 20
_ONE_OF_THEM = frozenset({"first", "last", "max", "min"})
_THE_SAME = frozenset({"d", "default"})
_ALL_OF_THEM = frozenset({"list", "reverse", "sort", "unique"})
# The position of the attribute that a filter reads of each object; None if it is a keyword only.
_READING: Mapping[str, int | None] = {
    "groupby": 0, "join": 1, "map": None, "max": None, "min": None, "rejectattr": 0, "selectattr": 0, "sort": None,
    "sum": 0, "unique": None,
}  # fmt: skip
_LAZY = frozenset({"map", "rejectattr", "selectattr", "unique"})


class Value(NamedTuple):
    """Objects that an expression gives.

    Attributes:
        path: The variable of the context, the attributes that lead to the objects, and `ITEM` for each step into a
            collection.
        depth: How many loops must have an item for there to be objects.
        many: Whether it is certainly a collection of the objects.
    """

    path: tuple[str, ...]
    depth: int
    many: bool = False

    @property
    def item(self) -> Value:
        """One of the objects in a collection."""
        return Value((*self.path, ITEM), self.depth) if len(self.path) < MAX_PATH else self


def item_of(found: Value | None) -> Value | None:
    """One of the objects in a collection, if it is one."""
    return found.item if found is not None else None


def filtered(found: Value, name: str) -> Value | None:
    """Tell what a filter gives: the objects, one of them, or something else."""
    if name in _ONE_OF_THEM:
        return found.item
    return found._replace(many=True) if name in _ALL_OF_THEM else found if name in _THE_SAME else None


def read_of_each(name: str, arguments: list[Argument], consumed: bool) -> list[str]:
    """List the attribute path that a filter reads of each object.

    Args:
        name: The filter.
        arguments: Keywords, and the constants given.
        consumed: Whether somebody iterates over what the filter gives.
    """
    reads = name in _READING and (name not in _LAZY or consumed)
    return list(filter(None, _attribute(arguments, _READING[name]).split("."))) if reads else []


def _attribute(arguments: list[Argument], position: int | None) -> str:
    """Find the attribute that a filter is told to read; empty if there is none, or several."""
    given = [token for keyword, token in arguments if keyword == "attribute"]
    if not given and position is not None and position < len(arguments) and not arguments[position][0]:
        given = [arguments[position][1]]
    return given[0].text if given and given[0] is not None and "," not in given[0].text else ""
