"""What is known of sessions at one point of a function."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from flake8_async_sqla.semantics.flow.failure import Place
from flake8_async_sqla.semantics.frozen import dataclass
from flake8_async_sqla.semantics.types import Origin, ProjectClass

Key: TypeAlias = "int | str"


class Write(NamedTuple):
    """Columns of a row that a session has changed in the database.

    Attributes:
        cls: The class.
        key: The primary key of the row; None for all rows.
        names: The columns.
        place: What changed them.
    """

    cls: ProjectClass
    key: Key | None
    names: frozenset[str]
    place: Place


class Presence(NamedTuple):
    """Objects of a class that a session holds.

    Attributes:
        cls: The class.
        several: Whether there may be several.
        since: When the first of them was made, as `ObjectState.made` counts; 0 if some were loaded.
    """

    cls: ProjectClass
    several: bool
    since: int = 0


@dataclass(frozen=True, slots=True)
class SessionState:
    """What is known of a session.

    Attributes:
        origin: The call that made it.
        expires: Whether a commit expires its objects; None if that cannot be seen.
        autoflush: Whether queries flush; None if that cannot be seen.
        begun: Whether a transaction is under way; None if that cannot be said.
        own: Whether the function under analysis made it, so that nobody used it before.
        present: The classes of which it holds objects.
        behind: Attributes that may be loaded of objects that nobody has looked at.
        again: Those among them that options load, whenever such an object is loaded again.
        repeated: Those among them that may be loaded of several objects.
        written: What it has changed in the database since its transaction began.
        expired: The classes of which all objects that it holds are expired.
        linked: The classes between which relationships were set since the last flush, which copies keys.
    """

    origin: Origin | None = None
    expires: bool | None = None
    autoflush: bool | None = None
    begun: bool | None = False
    own: bool = False
    present: tuple[Presence, ...] = ()
    behind: frozenset[tuple[ProjectClass, str]] = frozenset()
    again: frozenset[tuple[ProjectClass, str]] = frozenset()
    repeated: frozenset[tuple[ProjectClass, str]] = frozenset()
    written: tuple[Write, ...] = ()
    expired: frozenset[ProjectClass] = frozenset()
    linked: frozenset[ProjectClass] = frozenset()
