"""What cannot be seen of a statement makes its plan uncertain; what returns no objects is no query."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from flake8_async_sqla.semantics.loading.plan import Entity, Plan, Value
from flake8_async_sqla.semantics.loading.queries import Refreshed, get_plan, query, refreshed
from flake8_async_sqla.semantics.loading.statements import Reader, Statement
from flake8_async_sqla.semantics.module import Module
from tests.semantics.loading.models import MODELS
from tests.semantics.revealing import load, revealed

IMPORTS = "from elsewhere import unseen\nfrom sqlalchemy import exists, union\nfrom shared import OPTIONS, by_name\n"
HEAD = f"{MODELS}\n{IMPORTS}"
SHARED = (
    "from app import Author, Book\nfrom sqlalchemy import select\nfrom sqlalchemy.orm import selectinload\n"
    "OPTIONS = [selectinload(Author.books)]\ndef by_name(name): return select(Author).where(Author.name == name)\n"
)


def plan_of(folder: Path, code: str) -> Plan | None:
    """Return the plan of the entity of ``stmt``, as a function's body leaves it; None if it is no query."""
    body = "".join(f"    {line}\n" for line in f"{code}\nreveal(stmt)".splitlines())
    module = load(folder, {"app.py": f"{HEAD}def f(flag, given, *more, **most):\n{body}", "shared.py": SHARED})
    found = query(module, revealed(module)[0])
    entity = next((column for column in found.columns if isinstance(column, Entity)), None) if found else None
    return entity.plan if entity is not None else None


UNCERTAIN = {
    "parameter": "stmt = select(Author).options(given)",
    "star of a parameter": "stmt = select(Author).options(*more)",
    "unseen": "stmt = select(Author).options(unseen())",
    "branch": "stmt = select(Author)\nif flag:\n    stmt = stmt.options(selectinload(Author.books))",
    "conditional expression": "stmt = select(Author).options(si(Author.books) if flag else undefer(Author.draft))",
    "conditional statement": "stmt = select(Author) if flag else select(Author).options(selectinload(Author.books))",
    "loop": "stmt = select(Author)\nfor one in given:\n    stmt = stmt.options(one)",
    "list that grows": "opts = []\nopts.append(selectinload(Author.books))\nstmt = select(Author).options(*opts)",
    "attribute by name": "stmt = select(Author).options(selectinload(getattr(Author, given)))",
    "wildcard": "stmt = select(Author).options(selectinload('*'))",
    "from text": "stmt = select(Author).from_statement(text('SELECT 1'))",
    "hidden arguments": "stmt = select(Author).execution_options(**most)",
    "all subclasses": "stmt = select(with_polymorphic(Book, '*'))",
    "another entity's option": "stmt = select(Author).options(selectinload(Tag.nobody))",
}
NOT_READ = {
    "parameter": "stmt = given",
    "unseen": "stmt = unseen(select(Author))",
    "union": "stmt = union(select(Author), select(Author))",
    "union by method": "stmt = select(Author).union(select(Author))",
    "subquery": "stmt = select(Author).subquery()",
    "exists": "stmt = exists(select(Author))",
    "write": "stmt = update(Author).values(name='x')",
    "different branches": "stmt = select(Author) if flag else select(Book)",
    "rebuilt by something unseen": "stmt = select(Author)\nif flag:\n    stmt = unseen(stmt)",
    "itself": "stmt = stmt",
    "columns alone": "stmt = select(Author.id, Author.name)",
    "class that cannot be seen": "stmt = select(unseen)",
}
LOADING_BOOKS = {
    "of another file": "stmt = select(Author).options(*OPTIONS)",
    "statement of another file": "stmt = by_name('x').options(selectinload(Author.books))",
    "loop that filters": "stmt = select(Author).options(selectinload(Author.books))\n"
    "for one in given:\n    stmt = stmt.where(one)",
    "filter in a branch": "stmt = select(Author).options(selectinload(Author.books))\n"
    "if flag:\n    stmt = stmt.limit(1)",
    "walrus": "print(stmt := select(Author).options(selectinload(Author.books)))",
    "annotated": "stmt: object = select(Author).options(selectinload(Author.books))",
    "joined": "stmt = select(Author).join(Author.books).outerjoin(Book.tags).options(contains_eager(Author.books))",
    "list in brackets": "stmt = select(Author).options(*[selectinload(Author.books)])",
    "sum of lists": "stmt = select(Author).options(*(OPTIONS + [undefer(Author.draft)]))",
}


@pytest.mark.parametrize("name", UNCERTAIN)
def test_what_cannot_be_seen_makes_the_plan_uncertain(name: str, tmp_path: Path) -> None:
    plan = plan_of(tmp_path, UNCERTAIN[name])
    assert plan is not None
    assert not plan.certain
    assert not plan.relationships


@pytest.mark.parametrize("name", NOT_READ)
def test_what_returns_no_objects_of_one_kind_has_no_plan(name: str, tmp_path: Path) -> None:
    assert plan_of(tmp_path, NOT_READ[name]) is None


@pytest.mark.parametrize("name", LOADING_BOOKS)
def test_options_are_found_where_they_are(name: str, tmp_path: Path) -> None:
    plan = plan_of(tmp_path, LOADING_BOOKS[name])
    assert plan is not None
    assert (plan.certain, set(plan.relationships)) == (True, {"books"})


OUTER = {
    "select(Author, Book).join(Author.books)": [False, False],
    "select(Author, Book).outerjoin(Author.books)": [False, True],
    "select(Author, Book).join(Book, isouter=True)": [False, True],
    "select(Author, Book).join(Book, full=True)": [True, True],
    "select(Author, Book).outerjoin_from(Author, Book)": [False, True],
    "select(Author, Book, Tag).join(Author.books).outerjoin(Book.tags)": [False, False, True],
}


@pytest.mark.parametrize("code", OUTER)
def test_outer_joins_may_leave_an_entity_out(code: str, tmp_path: Path) -> None:
    module = load(tmp_path, {"app.py": f"{MODELS}\nreveal({code})\n"})
    found = query(module, revealed(module)[0])
    assert found is not None
    assert [column.outer for column in found.columns if isinstance(column, Entity)] == OUTER[code]


COLUMNS = {
    "select(Author, Author.name, func.count(), literal(1), Author.id + 1)": "EVVVV",
    "select(Author.name.label('x'), Book, Author.__table__.c.id)": "VEV",
    "select([Author, Book.id])": "EV",
    "select(*[Author, Book])": "EE",
    "select(Author, unseen.column)": "E?",
    "select(Author.books)": "?",
    "select(Author).add_columns(Book.title)": "EV",
    "select(Author).with_only_columns(Author.id)": "V",
    "insert(Author).returning(Author.id, Author)": "VE",
}


@pytest.mark.parametrize("code", COLUMNS)
def test_columns_of_a_row(code: str, tmp_path: Path) -> None:
    module = load(tmp_path, {"app.py": f"{HEAD}\nreveal({code})\n", "shared.py": SHARED})
    found = query(module, revealed(module)[0])
    assert found is not None
    letters = ["E" if isinstance(item, Entity) else "V" if isinstance(item, Value) else "?" for item in found.columns]
    assert "".join(letters) == COLUMNS[code]


GETS = {
    "s.get(Author, 1)": (set(), True, False),
    "s.get(entity=Author, ident=1)": (set(), True, False),
    "s.get(Author, 1, options=[selectinload(Author.books)])": ({"books"}, True, False),
    "s.get(Author, 1, options=OPTIONS, populate_existing=True)": ({"books"}, True, True),
    "s.get_one(Author, 1, options=(si(Author.books), undefer('*')))": ({"books"}, True, False),
    "s.get(Author, 1, options=unseen())": (set(), False, False),
    "s.get(Author, 1, **unseen)": (set(), False, False),
}


@pytest.mark.parametrize("code", GETS)
def test_get_loads_what_its_options_say(code: str, tmp_path: Path) -> None:
    module = load(tmp_path, {"app.py": f"{HEAD}\nreveal({code})\n", "shared.py": SHARED})
    call = revealed(module)[0]
    assert isinstance(call, ast.Call)
    found = get_plan(module, call)
    assert found is not None
    (entity,) = found.columns
    assert isinstance(entity, Entity)
    assert (set(entity.plan.relationships), found.certain, found.populate_existing) == GETS[code]


REFRESHES = {
    "s.refresh(a)": Refreshed(),
    "s.refresh(a, None)": Refreshed(),
    "s.refresh(a, ['books', 'name'])": Refreshed(frozenset({"books", "name"})),
    "s.refresh(a, attribute_names=('books',), with_for_update=True)": Refreshed(frozenset({"books"})),
    "s.refresh(instance=a, attribute_names=[Author.books.key])": Refreshed(frozenset({"books"})),
    "s.refresh(a, NAMES)": Refreshed(frozenset({"books"})),
    "s.refresh(a, unseen)": Refreshed(frozenset(), certain=False),
    "s.refresh(a, ['books', *unseen])": Refreshed(frozenset({"books"}), certain=False),
    "s.refresh(a, **unseen)": Refreshed(certain=False),
}


@pytest.mark.parametrize("code", REFRESHES)
def test_refresh_loads_what_it_names(code: str, tmp_path: Path) -> None:
    module = load(tmp_path, {"app.py": f"{HEAD}\nNAMES = ['books']\nreveal({code})\n", "shared.py": SHARED})
    call = revealed(module)[0]
    assert isinstance(call, ast.Call)
    assert refreshed(module, call) == REFRESHES[code]


def test_each_branch_that_adds_to_a_statement_is_followed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    followed: list[ast.expr] = []
    follow = Reader._followed

    def counting(reader: Reader, module: Module, node: ast.expr) -> Statement | None:
        followed.append(node)
        return follow(reader, module, node)

    monkeypatch.setattr(Reader, "_followed", counting)
    branch = "if flag:\n    stmt = stmt.where(Author.id > 1)\n"
    plan = plan_of(tmp_path, f"stmt = select(Author)\n{branch * 12}")
    assert plan is not None
    assert plan.certain
    assert len(followed) == len(set(followed))
