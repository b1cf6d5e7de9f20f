"""One look at a function: the frames of what it calls, and what is found under way."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import field
from typing import NamedTuple, TypeAlias

from flake8_async_sqla.semantics.frozen import dataclass
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.order import path as blocks_around
from flake8_async_sqla.semantics.objects.constructions import settled
from flake8_async_sqla.semantics.objects.identities import key_of
from flake8_async_sqla.semantics.objects.identity import Key, Variable, root, substitute
from flake8_async_sqla.semantics.transactions.actions import Problem, Resource, resource
from flake8_async_sqla.semantics.transactions.states import Path, Phase, Place, State, World, Write, join
from flake8_async_sqla.semantics.types import Function

CONDITIONAL = (ast.If, ast.IfExp, ast.BoolOp, ast.Match, ast.While, ast.For, ast.AsyncFor, ast.ExceptHandler)
_BRANCHES = (ast.If, ast.IfExp, ast.BoolOp, ast.Match, ast.ExceptHandler)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(slots=True)
class Flow:
    """What is known where a block of statements is left, by the way it is left; ``None`` for ways it is not."""

    next: World | None = None
    returned: World | None = None
    broke: World | None = None
    continued: World | None = None
    raised: World | None = None

    def add(self, other: Flow) -> None:
        """Take over the exits of a part of the block; ``next`` stays."""
        self.returned = join(self.returned, other.returned)
        self.broke = join(self.broke, other.broke)
        self.continued = join(self.continued, other.continued)
        self.raised = join(self.raised, other.raised)

    def finished(self) -> World | None:
        """What is known where a function ends without an exception."""
        return join(self.next, self.returned)


AtYield: TypeAlias = Callable[[ast.Yield, World], Flow]
AtCall: TypeAlias = "tuple[ast.Call, Callable[[World], Flow]]"


@dataclass(frozen=True, slots=True)
class Frame:
    """A function under way.

    Attributes:
        function: The function.
        given: What its parameters are given, in terms of the function looked at.
        site: The node of that function which leads here; ``None`` for itself.
        entry: Which call from that function leads here, by count.
        certain: Whether that call certainly gets here.
        depth: How many calls lead here.
        at_yield: What runs where it yields.
        at_call: The call of a function that was decorated, and what runs there.
        injected: Whether FastAPI calls it and feeds its parameters.
        late: Whether what follows its ``yield`` runs after the response was sent.
        made: Parameters that are given new objects, or statements that write.
    """

    function: Function
    given: dict[ast.arg, Key | None] = field(default_factory=dict)
    site: ast.AST | None = None
    entry: int = 0
    certain: bool = True
    depth: int = 0
    at_yield: AtYield | None = None
    at_call: AtCall | None = None
    injected: bool = False
    late: bool = False
    made: frozenset[ast.arg] = frozenset()

    @property
    def module(self) -> Module:
        """The module of the function."""
        return self.function.module

    def place(self, node: ast.AST) -> Place:
        """Describe a place of this function."""
        if self.site is None:
            return Place(self.module, node, node)
        return Place(self.module, node, self.site, self.entry, self.certain and not _conditional(self.module, node))


def _around(path: Path, place: Place) -> bool:
    """Tell whether the transaction that was ended belongs to a block outside of the call that ended it."""
    return path.phase is Phase.ENDED and bool(path.blocks) and path.blocks[-1].entry != place.entry


def _handling(place: Place) -> bool:
    """Tell whether a place lies in a handler of its own function."""
    for outer in place.module.ancestors(place.node):
        if isinstance(outer, _FUNCTIONS):
            return False
        if isinstance(outer, ast.ExceptHandler):
            return True
    return False


def _conditional(module: Module, node: ast.AST) -> bool:
    for outer in module.ancestors(node):
        if isinstance(outer, _FUNCTIONS):
            return False
        if isinstance(outer, CONDITIONAL):
            return True
    return False


class Found(NamedTuple):
    """Something that goes wrong.

    Attributes:
        problem: What SQLAlchemy refuses.
        at: Where, in the function looked at.
        because: What led to it.
        path: The way there.
        resource: With what.
        call: The call that is refused; it may be in another function.
    """

    problem: Problem
    at: ast.AST
    because: Place
    path: Path
    resource: Resource
    call: ast.AST


class Walk:
    """What is found in a function.

    Attributes:
        module: Its module.
        found: What SQLAlchemy refuses.
        lost: Changes that the end of a session or connection may roll back.
        late: Changes that a provider commits after its ``yield``, with the commit.
        aliases: Keys that mean the same as others.
        kinds: What a key is, where its type is only seen elsewhere.
        owned: Sessions and connections that are opened under way, with the entry that does.
        off: Those that were made with ``autobegin=False``.
        closed: Those that were closed under way, and not opened again.
        releasing: Those whose savepoints may commit when they end.
        leaked: Those that unseen code may use.
        committed: Changes that a commit follows on some way.
        raising: What is known where the statement at hand may raise.
        dead: Whether the statement at hand never ends without an exception.
        injected: Whether FastAPI feeds the function's parameters.
        failing: Whether an exception is on its way.
        entries: How many calls of the function were followed.
        bodies: How many functions were looked into, one by one.
        active: The functions under way.
    """

    def __init__(self, module: Module) -> None:
        """Start with nothing found."""
        self.module = module
        self.found: list[Found] = []
        self.lost: dict[Write, tuple[Key, ast.AST]] = {}
        self.late: list[tuple[Write, Place]] = []
        self.aliases: dict[Key, Key] = {}
        self.kinds: dict[Key, Resource] = {}
        self.owned: dict[Key, int] = {}
        self.off: set[Key] = set()
        self.closed: set[Key] = set()
        self.releasing: set[Key] = set()
        self.leaked: set[Key] = set()
        self.committed: set[Write] = set()
        self.raising: list[World] = []
        self.dead = False
        self.injected = False
        self.failing = False
        self.entries = 0
        self.bodies = 0
        self.active: list[ast.AST] = []

    def next_entry(self) -> int:
        """Count one more call of the function looked at."""
        self.entries += 1
        return self.entries

    def key(self, frame: Frame, node: ast.expr | None) -> Key | None:
        """Return the key of a session or connection in terms of the function looked at."""
        return self.translated(frame, key_of(frame.module, node))

    def may_mean(self, frame: Frame, name: ast.Name, world: World) -> bool:
        """Tell, by its spelling alone, whether a name may mean something that is followed, or hold it."""
        if frame.site is not None or self.injected:
            return True
        starts = (root(key) for key in (*world, *self.aliases))
        if any(start.name == name.id for start in starts if isinstance(start, Variable)):
            return True
        found = frame.module.scope_of(name).lookup(name.id)
        return found is not None and any(binding.value is not None for binding in found[1])

    def translated(self, frame: Frame, key: Key | None) -> Key | None:
        """Put a key of a frame into terms of the function looked at."""
        if key is None:
            return None
        if frame.injected:
            key = settled(key) or key
        if frame.site is not None:
            outside = substitute(key, frame.function, frame.given)
            if outside is None:
                start = root(key)
                if not isinstance(start, Variable) or start.parameter is not None:
                    return None
                outside = key
            key = settled(outside) or outside if self.injected else outside
        return self.aliases.get(key, key)

    def resource(self, frame: Frame, key: Key | None, node: ast.expr) -> Resource:
        """Tell what a key is: by its type here, or by that where it comes from."""
        return resource(frame.module.type_of(node)) or (self.kinds.get(key, "") if key is not None else "")

    def idle(self, key: Key) -> Phase:
        """Return the phase of a session without a transaction."""
        return Phase.OFF if key in self.off else Phase.IDLE

    def report(self, frame: Frame, call: ast.AST, state: State, problems: dict[Path, Problem], of: Resource) -> None:
        """Keep what is refused on all ways to a call, or on one of them that is as plain as the call itself."""
        place = frame.place(call)
        receiver = call.func.value if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) else None
        seen_there = receiver is None or bool(resource(frame.module.type_of(receiver)))
        for path, problem in problems.items():
            since = path.since
            if since is None or (
                seen_there and since.entry and since.entry == place.entry and not _around(path, place)
            ):
                continue
            if problem == "failed" and self.failing:
                continue
            if problem == "ended" and since.entry and since.entry == place.entry and _handling(since):
                continue  # only where the function that is called fails
            certain = len(problems) == len(state.paths)
            if not certain and not (since.certain and place.certain and self._plain(since.site, place.site)):
                continue
            self.found.append(Found(problem, place.site, since, path, of, call))

    def _plain(self, first: ast.AST, second: ast.AST) -> bool:
        """Tell whether a place is reached without a condition that another one does not need too."""
        if not isinstance(first, (ast.expr, ast.stmt, ast.excepthandler)) or isinstance(second, ast.arg):
            return False
        around = {id(outer) for outer in self.module.ancestors(first)} | {id(first)}
        inside = [step.parent for step in blocks_around(self.module, second)]
        return all(id(outer) in around for outer in inside if isinstance(outer, _BRANCHES))

    def commits(self, pending: Iterable[Write]) -> None:
        """Note the changes that a commit follows on some way."""
        self.committed.update(write._replace(flushed=True) for write in pending)

    def closes(self, frame: Frame, key: Key, world: World, at: ast.AST) -> None:
        """Note the changes that are lost where a session or connection ends."""
        state = world.get(key)
        self.closed.add(key)
        if state is None or key not in self.owned or key in self.leaked or self.failing:
            return
        for write in state.pending:
            dependency = isinstance(write.place.site, ast.arg)
            elsewhere = not write.place.entry or write.place.entry != self.owned[key] or write.handed
            if not dependency and elsewhere:
                self.lost.setdefault(write._replace(flushed=True), (key, at))
