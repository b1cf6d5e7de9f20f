"""What the queries of a web give at each place: objects, columns or rows, and whether one may come twice."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.queries.chain import Chain, step_name
from flake8_async_sqla.migrate.queries.entities import Gives, gives, multiplies, starts_unique
from flake8_async_sqla.migrate.queries.executing import ENDS
from flake8_async_sqla.migrate.queries.places import Flow, Lost, Place
from flake8_async_sqla.migrate.queries.steps import SELECTING, UNIONS
from flake8_async_sqla.migrate.queries.web import Web
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import UNKNOWN, ProjectClass, Type

_NO_FORM = "this query() has no select() form that is known to give the same rows"


@dataclass(frozen=True, slots=True)
class Value:
    """What a query gives.

    Attributes:
        gives: Objects, columns, or rows with both.
        repeats: Whether one object may come twice.
        own: The mapped class, where there is one.
        statement: Whether it is a whole statement given by ``from_statement``, which takes no limit.
        streams: Whether it gives objects in portions, which ``Query`` does not look through for repetitions.
    """

    gives: Gives
    repeats: bool
    own: Type = UNKNOWN
    statement: bool = False
    streams: bool = False

    def after(self, kinds: Kinds, module: Module, step: ast.Call) -> Value:
        """Return what the query gives after a step.

        Raises:
            Lost: The step makes something else of it.
        """
        name = step_name(step)
        if name in SELECTING:
            return self._selecting(kinds, module, step)
        if name == "from_statement":
            return replace(self, statement=True, repeats=True)
        if name in UNIONS:
            return self._united(module, step)
        if name == "yield_per":
            return replace(self, streams=True)
        return replace(self, repeats=self.repeats or multiplies(kinds, module, self.own, step))

    def _united(self, module: Module, step: ast.Call) -> Value:
        """Return what a union gives; the objects of a mapped class can be taken from one, and nothing else follows."""
        outer = module.parent(step)
        call = module.parent(outer) if isinstance(outer, ast.Attribute) else None
        goes_on = isinstance(call, ast.Call) and step_name(call) not in ENDS
        kept = not isinstance(module.parent(step), (ast.Attribute, ast.For, ast.comprehension, ast.Call))
        if self.gives != "objects" or self.own is UNKNOWN or goes_on or kept or self.statement:
            raise Lost(module, step, _NO_FORM)
        return replace(self, statement=True, repeats=True)

    def _selecting(self, kinds: Kinds, module: Module, step: ast.Call) -> Value:
        starred = any(isinstance(value, ast.Starred) for value in step.args)
        more = gives(kinds, module, step.args) if step.args and not step.keywords and not starred else None
        if more is None:
            raise Lost(module, step, _NO_FORM)
        if step_name(step) == "with_entities":
            return Value(more, True)
        return Value("columns" if more == self.gives == "columns" else "rows", True)

    def joined(self, other: Value) -> Value | None:
        """Return what both have in common; None where they differ."""
        if self.gives != other.gives or (self.statement, self.streams) != (other.statement, other.streams):
            return None
        own = self.own if self.own == other.own else UNKNOWN
        return Value(self.gives, self.repeats or other.repeats or own is UNKNOWN, own, self.statement, self.streams)


class Values:
    """What comes to each place of a web, to a fixpoint."""

    def __init__(self, kinds: Kinds, web: Web) -> None:
        """Follow the values.

        Raises:
            Lost: Two kinds of queries meet, or it cannot be told what one gives.
        """
        self._kinds = kinds
        self._places: dict[Place, Value] = {}
        changed = True
        while changed:
            changed = False
            for flow in web.flows:
                if flow.target is not None and (value := self.at_end(flow)) is not None:
                    changed |= self._arrives(flow, flow.target, value)

    def at_end(self, flow: Flow, until: ast.Call | None = None) -> Value | None:
        """Return what the query of a flow gives; None where nothing comes to it.

        Args:
            flow: The flow.
            until: The step to stop before.

        Raises:
            Lost: It cannot be told.
        """
        value = self._places.get(flow.source) if flow.source is not None else self._begins(flow.chain)
        for step in flow.chain.steps if value is not None else ():
            if step is until:
                break
            assert value is not None
            value = value.after(self._kinds, flow.chain.module, step)
        return value

    def _begins(self, chain: Chain) -> Value:
        assert isinstance(chain.base, ast.Call)
        entities = chain.base.args
        given = gives(self._kinds, chain.module, entities)
        if given is None:
            raise Lost(chain.module, chain.base, _NO_FORM)
        own = self._kinds.of(chain.module, entities[0])
        alone = len(entities) == 1 and isinstance(own, ProjectClass)
        return Value(given, not (alone and starts_unique(own)), own if alone else UNKNOWN)

    def _arrives(self, flow: Flow, place: Place, value: Value) -> bool:
        before = self._places.get(place)
        both = value if before is None else before.joined(value)
        if both is None:
            raise Lost(flow.chain.module, flow.chain.end, "queries of different kinds meet here")
        self._places[place] = both
        return both != before
