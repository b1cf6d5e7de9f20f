"""What takes the place of members that async objects do not have."""

from __future__ import annotations

import difflib

from flake8_async_sqla.facts.members_generated import MEMBERS
from flake8_async_sqla.rules.sync_api.objects import ASYNC_CONNECTION
from flake8_async_sqla.semantics.inference.calls import ASYNC_ENGINE, ASYNC_SCOPED_SESSION, ASYNC_SESSION
from flake8_async_sqla.semantics.inference.members import bases, fact

_RESULT = "sqlalchemy.ext.asyncio.AsyncResult"
SCALARS = "sqlalchemy.ScalarResult"
MAPPINGS = "sqlalchemy.MappingResult"
CHECKED = (
    ASYNC_SESSION, ASYNC_SCOPED_SESSION, ASYNC_CONNECTION, ASYNC_ENGINE, _RESULT, SCALARS, MAPPINGS,
    "sqlalchemy.ext.asyncio.AsyncScalarResult", "sqlalchemy.ext.asyncio.AsyncMappingResult",
)  # fmt: skip

_CONNECT = "open a connection first: 'async with {value}.begin() as conn: await conn.{name}(...)'"
_INSPECT = "use 'await conn.run_sync(lambda sync_conn: inspect(sync_conn)...)' of a connection"
_BULK = "use 'await {value}.execute({verb}(Model), rows)'"
_ROWS = "use the result of 'await {value}.execute(...)'"
_OF_SESSION = {
    "bulk_save_objects": "use '{value}.add_all(...)'",
    "bulk_insert_mappings": _BULK.replace("{verb}", "insert"),
    "bulk_update_mappings": _BULK.replace("{verb}", "update"),
    "transaction": "use '{value}.get_transaction()'",
    "exec_driver_sql": "use 'await (await {value}.connection()).exec_driver_sql(...)'",
    "run_sync": "call the registry: 'await {value}().run_sync(...)'",
    "save": "use '{value}.add(...)'",
    "insert": "use '{value}.add(...)'",
    "update": "change the object, or use 'await {value}.execute(update(Model)...)'",
    **dict.fromkeys(("fetchall", "fetchone", "all", "first"), _ROWS),
}
_SPECIAL: dict[str, dict[str, str]] = {
    ASYNC_SESSION: _OF_SESSION,
    ASYNC_SCOPED_SESSION: _OF_SESSION,
    ASYNC_ENGINE: {
        **dict.fromkeys(("execute", "scalar", "scalars", "stream", "stream_scalars", "exec_driver_sql"), _CONNECT),
        **dict.fromkeys(("run_sync", "run_callable", "commit", "rollback"), _CONNECT),
        **dict.fromkeys(("table_names", "has_table", "get_table_names"), _INSPECT),
        "transaction": "use '{value}.begin()'",
        "close": "use 'await {value}.dispose()'",
    },
    ASYNC_CONNECTION: {
        **dict.fromkeys(("fetch", "fetchall", "fetchrow", "fetchone", "fetchval"), _ROWS),
        "cursor": "use 'await {value}.exec_driver_sql(...)'",
        "executemany": "use 'await {value}.execute(statement, rows)'",
    },
    SCALARS: {
        "scalars": "the values are scalars already",
        "scalar": "use first()",
        "scalar_one": "use one()",
        "scalar_one_or_none": "use one_or_none()",
        "fetchone": "use first()",
        "rowcount": "use the result of execute()",
        "mappings": "use the result of execute()",
    },
    MAPPINGS: {"scalars": "use the result of execute()", "scalar": "use the result of execute()"},
}
_SYNC_SIDE = {
    ASYNC_SESSION: ("sqlalchemy.orm.Session", "sync_session"),
    ASYNC_ENGINE: ("sqlalchemy.Engine", "sync_engine"),
    ASYNC_CONNECTION: ("sqlalchemy.Connection", "sync_connection"),
}


def sync_attribute(cls: str, name: str) -> str:
    """Name the attribute that holds the synchronous side, where that has a plain attribute of a name; else empty."""
    for base in bases(cls):
        if base in _SYNC_SIDE:
            sync, attribute = _SYNC_SIDE[base]
            found = fact(sync, name)
            plain = found is not None and found.kind in ("attribute", "property") and not found.until
            return attribute if plain else ""
    return ""


def alternative(cls: str, name: str, value: str) -> str:
    """Say what to use for a member that a class does not have; empty where nothing is known.

    Args:
        cls: The class.
        name: The missing member.
        value: The object, as the code spells it.
    """
    for base in bases(cls):
        if (special := _SPECIAL.get(base, {}).get(name)) is not None:
            return special.format(value=value, name=name)
    if attribute := sync_attribute(cls, name):
        return f"use '{value}.{attribute}.{name}'"
    if any(fact(_SYNC_SIDE[base][0], name) is not None for base in bases(cls) if base in _SYNC_SIDE):
        return f"it is synchronous: call it in a function that 'await {value}.run_sync(...)' calls"
    if cls == _RESULT and fact("sqlalchemy.CursorResult", name) is not None:
        return "only the result of execute() has it, not that of stream()"
    return ""


def similar(cls: str, name: str) -> str:
    """Return a member whose name is close to a misspelt one; empty if there is none."""
    known = [member for base in bases(cls) for member in MEMBERS.get(base, ()) if not member.startswith("_")]
    return next(iter(difflib.get_close_matches(name, known, 1, 0.8)), "")
