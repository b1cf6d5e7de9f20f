"""Base classes and mixins of other libraries that bring mapped columns along."""

from __future__ import annotations

from typing import NamedTuple


class Column(NamedTuple):
    """One column.

    Attributes:
        name: The attribute.
        primary_key: Whether it is part of the primary key.
        references: The column that its foreign key refers to, as ``table.column``.
        default: Whether Python gives a value at INSERT.
    """

    name: str
    primary_key: bool = False
    references: str = ""
    default: bool = False


class Model(NamedTuple):
    """A base class.

    Attributes:
        columns: The columns it brings along.
        declarative: Whether it is, or derives from, a declarative base.
        async_attrs: Whether it derives from ``AsyncAttrs``.
        table: The table it names; ``*`` if it makes a name for each class.
    """

    columns: tuple[Column, ...] = ()
    declarative: bool = False
    async_attrs: bool = False
    table: str = ""


_ADVANCED_ALCHEMY = (
    "advanced_alchemy.base",
    "advanced_alchemy.extensions.fastapi.base",
    "advanced_alchemy.extensions.litestar.base",
    "advanced_alchemy.extensions.starlette.base",
    "advanced_alchemy.mixins",
    "litestar.contrib.sqlalchemy.base",
    "litestar.plugins.sqlalchemy.base",
)
_FASTAPI_USERS = ("fastapi_users.db", "fastapi_users_db_sqlalchemy")
_ACCESS_TOKENS = "fastapi_users_db_sqlalchemy.access_token"
_ID = Column("id", primary_key=True)
_MADE_ID = Column("id", primary_key=True, default=True)
_KEYS = {
    "BigInt": (_ID,),
    "Identity": (_ID,),
    "NanoID": (_MADE_ID, Column("_sentinel", default=True)),
    "UUID": (_MADE_ID, Column("_sentinel", default=True)),
    "UUIDv6": (_MADE_ID, Column("_sentinel", default=True)),
    "UUIDv7": (_MADE_ID, Column("_sentinel", default=True)),
}
_AUDIT = (Column("created_at", default=True), Column("updated_at", default=True))
_BASES = {
    "AdvancedDeclarativeBase": Model(declarative=True),
    "AuditColumns": Model(_AUDIT),
    "BasicAttributes": Model(),
    "CommonTableAttributes": Model(table="*"),
    "DefaultBase": Model(declarative=True, async_attrs=True, table="*"),
    "SlugKey": Model((Column("slug"),)),
    "SQLQuery": Model(declarative=True, async_attrs=True),
    "UniqueMixin": Model(),
    **{f"{key}PrimaryKey": Model(columns) for key, columns in _KEYS.items()},
    **{f"{key}Base": Model(columns, True, True, "*") for key, columns in _KEYS.items()},
    **{f"{key}AuditBase": Model((*columns, *_AUDIT), True, True, "*") for key, columns in _KEYS.items()},
}
_USER = (
    Column("email"),
    Column("hashed_password"),
    Column("is_active", default=True),
    Column("is_superuser", default=True),
    Column("is_verified", default=True),
)
_ACCOUNT = tuple(
    map(Column, ("oauth_name", "access_token", "expires_at", "refresh_token", "account_id", "account_email"))
)
_TOKEN = (Column("token", primary_key=True), Column("created_at", default=True))
_OWNER = Column("user_id", references="user.id")
_TABLES = {
    "SQLAlchemyBaseUserTable": Model(_USER, table="user"),
    "SQLAlchemyBaseUserTableUUID": Model((_MADE_ID, *_USER), table="user"),
    "SQLAlchemyBaseOAuthAccountTable": Model(_ACCOUNT, table="oauth_account"),
    "SQLAlchemyBaseOAuthAccountTableUUID": Model((_MADE_ID, *_ACCOUNT, _OWNER), table="oauth_account"),
}
_TOKEN_TABLES = {
    "SQLAlchemyBaseAccessTokenTable": Model(_TOKEN, table="accesstoken"),
    "SQLAlchemyBaseAccessTokenTableUUID": Model((*_TOKEN, _OWNER), table="accesstoken"),
}

MODELS: dict[str, Model] = {
    "sqlalchemy.ext.asyncio.AsyncAttrs": Model(async_attrs=True),
    **{f"{place}.{name}": model for place in _ADVANCED_ALCHEMY for name, model in _BASES.items()},
    **{f"{place}.{name}": model for place in _FASTAPI_USERS for name, model in _TABLES.items()},
    **{f"{_ACCESS_TOKENS}.{name}": model for name, model in _TOKEN_TABLES.items()},
}
