"""What somebody reads of an object, as data: a schema, a template."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from flake8_async_sqla.semantics.flow.failure import Sink

_NOTHING: Mapping[str, Reads] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reads:
    """Attributes that are certainly read of each object, and what is read of the objects behind them.

    Attributes:
        attributes: What is read, by attribute; the empty `Reads` for a plain value. Collections are read item by item.
    """

    attributes: Mapping[str, Reads] = field(default_factory=lambda: _NOTHING)

    def __or__(self, other: Reads) -> Reads:
        """What is read by two readers."""
        mine, others = self.attributes, other.attributes
        names = [*mine, *(name for name in others if name not in mine)]
        return Reads({name: mine.get(name, NOTHING) | others.get(name, NOTHING) for name in names}) if names else self

    def __and__(self, other: Reads) -> Reads:
        """What is read whichever of two readers it is."""
        mine, others = self.attributes, other.attributes
        return Reads({name: mine[name] & others[name] for name in mine if name in others})


NOTHING = Reads()


@dataclass(frozen=True, slots=True)
class OutOfSight:
    """A place that hands objects to somebody who reads them.

    Attributes:
        at: What is reported: the call, or the ``return`` value.
        value: The expression whose objects are read; a collection is read item by item.
        reads: What is read of each object.
        sink: Who reads.
    """

    at: ast.expr
    value: ast.expr
    reads: Reads
    sink: Sink
