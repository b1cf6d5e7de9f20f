"""What the methods of sessions and connections do to a transaction."""

from __future__ import annotations

from typing import Literal, TypeAlias

from flake8_async_sqla.semantics.inference.calls import ASYNC_SCOPED_SESSION, ASYNC_SESSION
from flake8_async_sqla.semantics.inference.classes import is_a, lineage, scope_of_class
from flake8_async_sqla.semantics.objects.identities import ASYNC_CONNECTION
from flake8_async_sqla.semantics.transactions.states import Path, Phase, Place
from flake8_async_sqla.semantics.types import ProjectClass, ProjectInstance, Type

Resource: TypeAlias = Literal["session", "connection", ""]
Action: TypeAlias = Literal[
    "work", "lookup", "add", "maybe", "flush", "commit", "rollback", "close", "begin", "nested", "unseen"
]
Problem: TypeAlias = Literal["begun", "off", "ended", "failed", "closed", ""]

ACTIONS: dict[str, Action] = {
    "execute": "work", "exec": "work", "exec_driver_sql": "work", "scalar": "work", "scalars": "work", "stream": "work",
    "stream_scalars": "work", "connection": "work", "refresh": "work", "get": "lookup", "get_one": "lookup",
    "add": "add", "delete": "add", "merge": "work", "add_all": "maybe", "delete_all": "maybe", "merge_all": "maybe",
    "flush": "flush", "commit": "commit", "rollback": "rollback", "close": "close", "aclose": "close",
    "reset": "close", "invalidate": "close", "begin": "begin", "begin_nested": "nested", "run_sync": "unseen",
    "remove": "close", "execution_options": "unseen", "__aexit__": "close", "begin_twophase": "begin",
}  # fmt: skip
ASKING = frozenset(
    {"get_nested_transaction", "get_transaction", "in_nested_transaction", "in_transaction", "is_active"}
)
ENDING = frozenset({"commit", "rollback", "close", "aclose", "reset", "begin", "flush", "save"})
_BEGINNING = frozenset({"work", "lookup", "add", "nested"})


def resource(kind: Type) -> Resource:
    """Tell a session and a connection from anything else; a class that changes what they do is something else."""
    if is_a(kind, ASYNC_SESSION, ASYNC_SCOPED_SESSION):
        found: Resource = "session"
    elif is_a(kind, ASYNC_CONNECTION):
        found = "connection"
    else:
        return ""
    if isinstance(kind, ProjectInstance):
        own = [item for item in lineage(kind.cls) if isinstance(item, ProjectClass)]
        if any(name in scope_of_class(item).names for item in own for name in (*ACTIONS, "__aenter__")):
            return ""
    return found


def step(path: Path, action: Action, of: Resource, place: Place, idle: Phase) -> tuple[Path, Problem]:
    """Take one step along a path.

    Args:
        path: The path so far.
        action: What is done.
        of: With what it is done.
        place: Where.
        idle: The phase without a transaction: ``IDLE``, or ``OFF`` with ``autobegin=False``.

    Returns:
        The path after it, and what SQLAlchemy refuses to do.
    """
    problem = _refused(path.phase, action, of)
    if problem:
        return Path(Phase.UNKNOWN, path.blocks), problem
    if action == "unseen":
        return Path(Phase.UNKNOWN, path.blocks), ""
    if action == "close":
        phase = Phase.CLOSED if of == "connection" else Phase.ENDED if path.blocks else idle
        return Path(phase, path.blocks, place, not path.blocks), ""
    if action in ("commit", "rollback"):
        if path.phase is Phase.CLOSED or (path.phase is Phase.ENDED and path.blocks):
            return path, ""
        return Path(Phase.ENDED if path.blocks else idle, path.blocks, place), ""
    if action == "begin" or (action in _BEGINNING and path.phase in (Phase.UNKNOWN, Phase.IDLE)):
        if action == "lookup" and path.phase is Phase.IDLE and not path.fresh:
            return Path(Phase.UNKNOWN, path.blocks), ""
        return Path(Phase.BEGUN, path.blocks, place), ""
    if action == "maybe" and path.phase in (Phase.IDLE, Phase.OFF):
        return Path(Phase.UNKNOWN, path.blocks), ""
    return path, ""


def _refused(phase: Phase, action: Action, of: Resource) -> Problem:
    if action == "begin" and phase is Phase.BEGUN:
        return "begun"
    uses = action in ("work", "lookup", "nested")
    if phase is Phase.ENDED and (uses or action in ("add", "begin") or (action == "commit" and of == "session")):
        return "ended"
    if phase is Phase.FAILED and (uses or action == "commit"):
        return "failed"
    if phase is Phase.OFF and (action in ("work", "lookup", "add", "commit")):
        return "off"
    return "closed" if phase is Phase.CLOSED and (uses or action == "begin") else ""
