"""Where control goes after a statement, and how paths are kept few."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.joining import joined
from flake8_async_sqla.semantics.flow.state.values import Value

MAX_PATHS = 8


@dataclass(slots=True)
class Flow:
    """The states in which a piece of code is left.

    Attributes:
        normal: At its end.
        returned: By ``return``, with the value and the statement.
        raised: By an exception.
        broken: By ``break``.
        continued: By ``continue``.
    """

    normal: list[State] = field(default_factory=list)
    returned: list[tuple[State, Value, ast.Return | None]] = field(default_factory=list)
    raised: list[State] = field(default_factory=list)
    broken: list[State] = field(default_factory=list)
    continued: list[State] = field(default_factory=list)

    def leave(self, other: Flow) -> None:
        """Take over all ways out of another piece of code, its end aside."""
        self.returned.extend(other.returned)
        self.raised = bounded([*self.raised, *other.raised])
        self.broken.extend(other.broken)
        self.continued.extend(other.continued)

    def ways_out(self) -> list[State]:
        """List all states in which the code is left without an exception."""
        return [*self.normal, *(state for state, _, _ in self.returned), *self.broken, *self.continued]


def bounded(states: list[State]) -> list[State]:
    """Drop states that differ in nothing, and merge the last of too many."""
    kept: list[State] = []
    for state in states:
        if not state.alive:
            continue
        twin = next((other for other in kept if other.same(state)), None)
        if twin is None:
            kept.append(state)
        elif twin is not state:
            twin.assumed = {text: truth for text, truth in twin.assumed.items() if state.assumed.get(text) == truth}
            twin.trail = {node: taken for node, taken in twin.trail.items() if state.trail.get(node) == taken}
    if len(kept) > MAX_PATHS:
        kept = [*kept[: MAX_PATHS - 1], joined(kept[MAX_PATHS - 1 :])]
    return kept
