"""What is known of objects and sessions at one point of a function."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import field, replace
from types import MappingProxyType
from typing import Literal, TypeAlias

from flake8_async_sqla.semantics.flow.failure import Kind, Place
from flake8_async_sqla.semantics.flow.state.session import Key, SessionState
from flake8_async_sqla.semantics.flow.state.values import Value
from flake8_async_sqla.semantics.frozen import dataclass
from flake8_async_sqla.semantics.loading.plan import Plan, Query
from flake8_async_sqla.semantics.mapping.model import MappedClass
from flake8_async_sqla.semantics.types import ProjectClass

Life: TypeAlias = Literal["new", "pending", "flushed", "persistent", "detached", "deleted", "gone", "unknown", "absent"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The attribute is loaded, or was set."""

    value: Value


@dataclass(frozen=True, slots=True)
class Unloaded:
    """Reading the attribute emits SQL; of a ``keyless`` one only without a session: it may have no foreign key."""

    kind: Kind
    cause: Place | None
    keyless: bool = False


@dataclass(frozen=True, slots=True)
class Unsure:
    """Nobody can say; ``stale`` if it is loaded or expired, ``queried`` if a query loaded it or it is not loaded."""

    stale: bool = False
    queried: bool = False


@dataclass(frozen=True, slots=True)
class Behind:
    """The relationship is loaded; the objects behind it are as a plan says, and nobody has looked at them yet."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class Reported:
    """A read that fails was reported on this path: nobody goes on behind it."""


UNSURE = Unsure()
STALE = Unsure(stale=True)
QUERIED = Unsure(queried=True)
REPORTED = Reported()
Slot: TypeAlias = Loaded | Unloaded | Unsure | Behind | Reported


@dataclass(frozen=True, slots=True)
class Fetched:
    """A query loaded the object as a plan says.

    Attributes:
        plan: What is loaded.
        cause: The query.
        again: What a ``refresh()`` loads; None if that is the plan.
    """

    plan: Plan
    cause: Place | None
    again: Plan | None = None


@dataclass(frozen=True, slots=True)
class Fresh:
    """The constructor made it.

    Attributes:
        flushed: What inserted it, if something did.
        again: What a query said of it since, which a refresh applies; None if there was none.
    """

    flushed: Place | None = None
    again: Plan | None = None


@dataclass(frozen=True, slots=True)
class Expired:
    """Everything that was loaded is expired."""

    before: Base
    cause: Place


@dataclass(frozen=True, slots=True)
class MaybeExpired:
    """What was loaded may be expired; what was not loaded is not loaded still."""

    before: Base


@dataclass(frozen=True, slots=True)
class Unseen:
    """Nobody can say where the object comes from."""


Base: TypeAlias = Fetched | Fresh | Expired | MaybeExpired | Unseen


@dataclass(frozen=True, slots=True)
class Stale:
    """Columns that the object holds have new values in the database.

    Attributes:
        names: The columns.
        write: What changed them.
        again: The query that has given the object again since, as what it is reported at.
        own: Whether the object's own session has changed them, so that any read of them is wrong.
    """

    names: frozenset[str]
    write: Place
    again: ast.expr | None = None
    own: bool = False


_NO_SLOTS: Mapping[str, Slot] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ObjectState:
    """What is known of one object, or of all objects of a collection.

    Attributes:
        mapped: Its mapped class.
        base: Where its attributes come from, those in ``slots`` aside.
        slots: Attributes of which more is known.
        life: Its state in the terms of SQLAlchemy; ``gone`` if its deletion is committed, ``absent`` if there is none,
            for the items of an empty collection.
        count: Whether it is one object, or stands for some, or for all that there are of its class.
        session: The session that it belongs to, or did.
        path: The relationships between the queried entity and it.
        classes: The classes on that way, its own last; empty where the way is not known.
        rows: How many of them came in the rows of other statements.
        since: When it was loaded; 0 where that is not known. The numbers of the heap count on.
        made: When the constructor made it; 0 if it did not.
        query: The query that loaded it.
        family: Objects of the same family may be the same object.
        detached: What took it from its session.
        dirty: Whether the next flush updates its row; None if one may have done so since.
        key: Its primary key: a number, the parameter that holds it, or a name of its own, which ends with a dot.
        tied: Whether a foreign key may lead to it, or from it; of what the constructor made only, none does at first.
        beside: Whether one of those for which it stands was loaded since by itself: if another one is, that may be all.
        changed: The columns that the next flush certainly updates.
        updated: Whether a flush has certainly updated its row since the last savepoint.
        stale: What it holds that the database does not hold any more.
    """

    mapped: MappedClass
    base: Base
    slots: Mapping[str, Slot] = field(default_factory=lambda: _NO_SLOTS)
    life: Life = "persistent"
    count: Literal["one", "some", "all"] = "one"
    session: int | None = None
    path: tuple[str, ...] = ()
    classes: tuple[ProjectClass, ...] = ()
    rows: int = 0
    since: int = 0
    made: int = 0
    query: Query | None = None
    family: int = 0
    detached: Place | None = None
    dirty: bool | None = False
    key: Key | None = None
    tied: bool = False
    beside: bool = False
    changed: frozenset[str] = frozenset()
    updated: bool = False
    stale: Stale | None = None

    @property
    def alone(self) -> bool:
        """Whether the constructor made it, and no relationship of any object leads to it."""
        return self.made > 0 and not self.tied

    def having(self, name: str, slot: Slot) -> ObjectState:
        """Return the state with one attribute changed."""
        return replace(self, slots={**self.slots, name: slot})

    def without_stale(self, name: str) -> ObjectState:
        """Return the state after one attribute was set or loaded."""
        return replace(self, stale=None) if self.stale is not None and name in self.stale.names else self

    def current(self) -> ObjectState:
        """Return the state without changes that wait for a flush, and with nothing that the database knows better."""
        return replace(self, dirty=False, changed=frozenset(), stale=None, beside=False)


@dataclass(slots=True)
class State:
    """Everything that is known at one point of a function, on one path to it.

    Attributes:
        names: What local names hold.
        objects: Objects by number.
        sessions: Sessions by number.
        services: Attributes of other instances, by number.
        assumed: Conditions that were decided on this path, by their text.
        trail: The branches taken, by node; ``soft`` ones only ask whether there is a value.
        alive: Whether the point is reached at all.
    """

    names: dict[str, Value] = field(default_factory=dict)
    objects: dict[int, ObjectState] = field(default_factory=dict)
    sessions: dict[int, SessionState] = field(default_factory=dict)
    services: dict[int, dict[str, Value]] = field(default_factory=dict)
    assumed: dict[str, bool] = field(default_factory=dict)
    trail: dict[int, tuple[object, bool]] = field(default_factory=dict)
    alive: bool = True

    def copy(self) -> State:
        """Return a state that changes by itself."""
        services = {number: dict(held) for number, held in self.services.items()}
        held = (dict(self.names), dict(self.objects), dict(self.sessions))
        return State(*held, services, dict(self.assumed), dict(self.trail), self.alive)

    def become(self, other: State) -> None:
        """Take over everything from another state."""
        self.names, self.objects, self.sessions = other.names, other.objects, other.sessions
        self.services, self.assumed, self.trail = other.services, other.assumed, other.trail
        self.alive = other.alive

    def same(self, other: State) -> bool:
        """Tell whether nothing that matters differs."""
        return (
            self.names == other.names
            and self.objects == other.objects
            and self.sessions == other.sessions
            and self.services == other.services
        )
