"""Members of instances of external classes, looked up in the facts."""

from __future__ import annotations

from functools import cache

from flake8_async_sqla.facts.members import Member as Fact
from flake8_async_sqla.facts.members_generated import MEMBERS
from flake8_async_sqla.facts.symbols import BASES
from flake8_async_sqla.semantics.types import (
    UNKNOWN,
    Container,
    Coroutine,
    Generator,
    Instance,
    Manager,
    Member,
    ProjectInstance,
    Type,
)


@cache
def bases(cls: str) -> tuple[str, ...]:
    """List an external class and its known bases, nearest first."""
    found = [cls]
    for name in found:
        found.extend(base for base in BASES.get(name, ()) if base not in found)
    return tuple(found)


@cache
def fact(cls: str, name: str) -> Fact | None:
    """Look a member up in the class and its bases."""
    for base in bases(cls):
        if (found := MEMBERS.get(base, {}).get(name)) is not None:
            return found
    return None


def knows(cls: str) -> bool:
    """Tell whether the members of a class are known, so that a missing one means something."""
    return any(base in MEMBERS for base in bases(cls))


def member_type(receiver: Instance | ProjectInstance, cls: str, name: str) -> Type:
    """Infer the type of ``receiver.name`` where ``receiver`` is an instance of external class ``cls``."""
    found = fact(cls, name)
    if found is not None and found.kind in ("property", "attribute"):
        return _made(receiver, found.result, keep=name in _SAME)
    return Member(receiver, cls, name)


_QUERY = "sqlalchemy.orm.Query"
_RESULT = "sqlalchemy.Result"
_SAME = frozenset({"sync_session", "sync_engine", "sync_connection", "engine", "bind", "session"})


def _made(receiver: Instance | ProjectInstance, result: str, keep: bool = False) -> Type:
    return Instance(result, receiver.origin if keep else None) if result else UNKNOWN


def member_call(member: Member) -> Type:
    """Infer what calling a member gives."""
    receiver = member.receiver
    made = _product(member)
    found = fact(member.cls, member.name)
    if found is None:
        return UNKNOWN
    result = made if made is not None else _made(receiver, found.result, keep=found.result == _QUERY)
    if member.name == "exec" and not found.result:
        result = Instance(_RESULT)
    kind = found.kind
    if kind == "coroutine":
        return Coroutine(result)
    if kind == "awaitable_cm":
        return Coroutine(result, manager=True)
    if kind in ("async_cm", "context_manager"):
        return Manager(result, kind == "async_cm")
    if kind == "async_iterator":
        return Generator(result, True)
    return Container(UNKNOWN) if found.result == "builtins.list" else result


def _product(member: Member) -> Type | None:
    """The session that a factory makes: its class is the factory's own business."""
    receiver = member.receiver
    if isinstance(receiver, Instance) and receiver.args and member.name in ("__call__", "begin"):
        return receiver.args[0]
    if isinstance(receiver, Instance) and member.name in ("connect", "begin", "execution_options"):
        found = fact(member.cls, member.name)
        if found is not None and found.result:
            return Instance(found.result, receiver.origin)
    return None
