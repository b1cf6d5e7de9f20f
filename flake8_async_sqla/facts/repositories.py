"""Coroutine methods and attributes of Advanced Alchemy's repositories and services."""

from __future__ import annotations

_LIBRARIES = ("advanced_alchemy.", "litestar.plugins.sqlalchemy.", "litestar.contrib.sqlalchemy.")
_READING = frozenset({"count", "get_one", "get_one_or_none", "list", "list_and_count"})
_KEYED = _READING | {"exists", "get"}
_WRITING = frozenset(
    {
        "delete", "delete_many", "delete_where", "get_and_update", "get_or_upsert", "update", "update_many", "upsert",
        "upsert_many",
    }
)  # fmt: skip
_REPOSITORY = _KEYED | _WRITING | {"add", "add_many", "check_health"}
_COROUTINES = {
    "SQLAlchemyAsyncQueryRepository": _READING | {"execute"},
    "SQLAlchemyAsyncRepository": _REPOSITORY,
    "SQLAlchemyAsyncSlugRepository": _REPOSITORY | {"get_available_slug", "get_by_slug"},
    "SQLAlchemyAsyncRepositoryReadService": _KEYED,
    "SQLAlchemyAsyncRepositoryService": _KEYED | _WRITING | {"create", "create_many"},
}


def is_coroutine(cls: str, name: str) -> bool:
    """Tell whether a method of a class is one of the coroutine methods of an asynchronous repository or service.

    Args:
        cls: Canonical path of the class.
        name: The method.
    """
    return cls.startswith(_LIBRARIES) and name in _COROUTINES.get(cls.rpartition(".")[2], ())


def attribute(cls: str, name: str) -> str:
    """Name what an attribute of an asynchronous repository or service holds.

    Args:
        cls: Canonical path of the class.
        name: The attribute.

    Returns:
        ``"session"``, ``"repository"``, or an empty string for others.
    """
    last = cls.rpartition(".")[2]
    if not cls.startswith(_LIBRARIES) or last not in _COROUTINES:
        return ""
    return name if name == ("repository" if last.endswith("Service") else "session") else ""
