"""What the modules of `programs` begin with, and the helpers beside them."""

HEAD = """\
import helpers
from helpers import active, newest_first, with_items
from models import I, U
from sqlalchemy import func
from sqlalchemy.orm import Query, Session


"""

HELPERS = """\
from models import I, U
from sqlalchemy.orm import Query, Session
from sqlalchemy.orm import query as orm_query


def active(query: Query) -> Query:
    return query.filter(U.age == 2)


def newest_first(query: "Query") -> "Query":
    return query.order_by(U.id.desc())


def with_items(query: orm_query.Query, title=None) -> orm_query.Query:
    query = query.join(U.items)
    if title is not None:
        query = query.filter(I.title == title)
    return query


def people(db: Session) -> "Query[U]":
    return db.query(U)


def page(query, limit=None, offset=None):
    if offset is not None:
        query = query.offset(offset)
    return query if limit is None else query.limit(limit)
"""
