"""The function under analysis, the calls that led into it, and the account that is kept of its reads."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from flake8_async_sqla.semantics.flow.failure import Failure, Place
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.values import Value
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import FunctionNode, ProjectClass

if TYPE_CHECKING:
    from flake8_async_sqla.semantics.flow.state.outcomes import Flow

MAX_STEPS = 2_500
MAX_DEPTH = 4
MAX_CALL_STEPS = 250
MAX_LINES = 40
_NO_NAMES: Mapping[str, Value] = MappingProxyType({})


class Exhausted(Exception):
    """The analysis of a function takes too long; nothing is said of it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one path says of one read.

    Attributes:
        trail: The branches taken before it.
        failure: Why it fails; None if it does not, or if nobody can say.
    """

    trail: Mapping[int, tuple[object, bool]]
    failure: Failure | None


@dataclass(slots=True)
class Run:
    """The analysis of one function.

    Attributes:
        module: The module that holds it.
        node: The function.
        readings: What each path says of each read, by read, calls that lead to it, and turns of the loops around it.
        moved: Mapped classes whose rows the function gives to other owners: collections of them may be empty.
        emptied: Relationships to one object, by class and name, that the function may set to None somewhere.
        strangers: Mapped classes of which the function was given objects.
        steps: How many nodes were looked at.
        limit: How many may be.
        catching: How many ``try`` statements are around that look at exceptions.
        numbers: Numbers of what is the same on all paths, by what makes it so.
        asked: The call whose ways are wanted one by one.
        ways: The ways through it, if nothing but what it was given decides between them.
    """

    module: Module
    node: FunctionNode
    readings: dict[tuple[object, ...], list[Reading]] = field(default_factory=dict)
    moved: set[ProjectClass] = field(default_factory=set)
    emptied: set[tuple[ProjectClass, str]] = field(default_factory=set)
    strangers: list[ProjectClass] = field(default_factory=list)
    steps: int = 0
    limit: int = MAX_STEPS
    catching: int = 0
    numbers: dict[object, int] = field(default_factory=dict)
    asked: ast.expr | None = None
    ways: list[tuple[State, Value]] = field(default_factory=list)
    _last: int = 0

    def number(self) -> int:
        """Return a number for something new in the heap."""
        self._last += 1
        return self._last

    def number_of(self, key: object) -> int:
        """Return the number of something that is the same on all paths."""
        if key not in self.numbers:
            self.numbers[key] = self.number()
        return self.numbers[key]

    def step(self) -> None:
        """Count a step.

        Raises:
            Exhausted: There were too many.
        """
        self.steps += 1
        if self.steps > self.limit:
            raise Exhausted


@dataclass(frozen=True, slots=True)
class Frame:
    """A function on the way.

    Attributes:
        run: The analysis.
        module: The module that holds the function.
        node: The function.
        around: Names of the functions around it.
        calls: The calls that led here, outermost first.
        turns: Which turn of each loop around the place it is.
        outer: Which turns of the callers' loops led here.
        resume: Runs the block of which this function makes the context manager.
        callers: What the names of the callers hold.
        constants: The constants that the call gives, by parameter.
    """

    run: Run
    module: Module
    node: FunctionNode | ast.Lambda
    around: Mapping[str, Value] = field(default_factory=lambda: _NO_NAMES)
    calls: tuple[Place, ...] = ()
    turns: tuple[int, ...] = ()
    outer: tuple[int, ...] = ()
    resume: Callable[[State, Value], Flow] | None = None
    callers: tuple[Mapping[str, Value], ...] = ()
    constants: Mapping[str, object] = field(default_factory=dict)

    def turn(self, number: int) -> Frame:
        """Return the frame in one turn of a loop."""
        return replace(self, turns=(*self.turns, number))

    @property
    def key(self) -> tuple[object, ...]:
        """What tells this call of the function from others."""
        return (self.node, *(call.node for call in self.calls))

    def place(self, node: ast.AST, what: str = "") -> Place:
        """Name a place in this function."""
        return Place(self.module, node, what)

    def read(self, state: State, node: ast.AST, name: str, failure: Failure | None) -> None:
        """Keep account of a read on one path."""
        key = (node, name, tuple(call.node for call in self.calls), self.turns, self.outer)
        self.run.readings.setdefault(key, []).append(Reading(dict(state.trail), failure))
