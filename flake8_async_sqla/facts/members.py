"""The members of SQLAlchemy's classes: what calling one gives."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal[
    "coroutine",
    "awaitable_cm",
    "async_cm",
    "async_iterator",
    "sync",
    "property",
    "attribute",
    "context_manager",
]


class Member(NamedTuple):
    """One member of a class.

    Attributes:
        kind: What a call gives (``awaitable_cm`` can be awaited and entered with ``async with``; the others are one
            of these), or that it is a property or attribute.
        result: Canonical path of the class that the awaited, entered or plain call gives; empty for other classes.
        since: First series that has it.
        until: Last series that has it; empty when the newest has.
    """

    kind: Kind
    result: str = ""
    since: str = "1.4"
    until: str = ""


def member(owner: str, name: str, version: str = "2.0") -> Member | None:
    """Look up a member, also in base classes.

    Args:
        owner: Canonical path of the class.
        name: Name of the member.
        version: SQLAlchemy series.

    Returns:
        The member as that series has it, or None when the class is unknown or has none of this name.
    """
    from flake8_async_sqla.facts.members_generated import EARLIER, MEMBERS
    from flake8_async_sqla.facts.symbols import BASES
    from flake8_async_sqla.facts.versions import includes

    found = EARLIER.get(version, {}).get(owner, {}).get(name) or MEMBERS.get(owner, {}).get(name)
    if found is not None and includes(version, found.since, found.until):
        return found
    for base in BASES.get(owner, ()):
        if (inherited := member(base, name, version)) is not None:
            return inherited
    return None
