"""Small synchronous programs, made by chance from a seed: models, queries, helpers, repositories, transactions."""

from __future__ import annotations

import random
import textwrap
from collections.abc import Callable

from tests.migrate.differential.files import CRUD, DATABASE, MAIN, MODELS

Make = Callable[[random.Random], tuple[str, str]]
"""Gives the code of a function, ``NAME(db)``, and what a call of it is given besides."""

FILTERS = ("Author.age > 1", "Author.name != 'c'", "Author.name.in_(['a', 'd'])", "Author.id < 4", "Author.books.any()")
ORDERS = ("Author.id", "Author.name.desc()", "Author.age, Author.id.desc()")
ENDS = ("all()", "first()", "count()", "limit(2).all()", "offset(1).limit(2).all()", "one_or_none()")


def query(chance: random.Random) -> tuple[str, str]:
    """Build a query of one class up in an expression."""
    chain = "".join(f".filter({chance.choice(FILTERS)})" for _ in range(chance.randint(0, 2)))
    join = chance.choice(("", ".join(Author.books)", ".outerjoin(Author.books)", ".options(joinedload(Author.books))"))
    order = f".order_by({chance.choice(ORDERS)})"
    return f"def NAME(db: Session):\n    return db.query(Author){join}{chain}{order}.{chance.choice(ENDS[:5])}\n", ""


def columns(chance: random.Random) -> tuple[str, str]:
    """Select columns, with functions of the database."""
    form = chance.choice(
        (
            "db.query(Author.id, Author.name).order_by(Author.id).all()",
            "[name for (name,) in db.query(Author.name).order_by(Author.id)]",
            "db.query(Book.author_id, func.count(Book.id)).group_by(Book.author_id).order_by(Book.author_id).all()",
            "db.query(func.max(Author.age)).scalar()",
            "db.query(Author, func.count(Book.id)).outerjoin(Book).group_by(Author.id).order_by(Author.id).all()",
            "db.query(db.query(Author).filter(Author.age == 2).exists()).scalar()",
            "dict(db.query(Author.name, Author.age).all())['a']",
        )
    )
    return f"def NAME(db: Session):\n    return {form}\n", ""


def built(chance: random.Random) -> tuple[str, str]:
    """Build a query up in a variable, with helpers."""
    code = f"""
    def NAME(db: Session, age=None, word=None):
        query = db.query(Author)
        if age is not None:
            query = narrowed(query, age)
        if word:
            query = query.join(Author.books).join(Book.tags).filter(Tag.word == word)
        query = query.order_by({chance.choice(ORDERS)})
        return query.count(), {chance.choice(("query.all()", "page(query).all()", "page(query, start=1).first()"))}
    """
    return code, chance.choice(("", ", age=1", ", word='old'", ", 1, 'new'"))


def reading(chance: random.Random) -> tuple[str, str]:
    """Read relationships of what a query gives."""
    body = chance.choice(
        (
            "[(author.label, [book.title for book in author.books]) for author in db.query(Author)]",
            "[book.author.name for book in db.query(Book).filter(Book.author_id != 2).order_by(Book.id)]",
            "sorted(len(author.books) for author in db.query(Author).all())",
            "[tag.word for tag in db.query(Book).order_by(Book.id.desc()).first().tags]",
            "{author.name: any(book.pages for book in author.books) for author in db.query(Author)}['c']",
        )
    )
    return f"def NAME(db: Session):\n    return {body}\n", ""


def writing(chance: random.Random) -> tuple[str, str]:
    """Change rows, and look at them."""
    body = chance.choice(
        (
            "count = db.query(Author).filter(Author.age == 2).update({'name': 'q'})\n    db.commit()\n"
            "    return count, [author.name for author in db.query(Author).order_by(Author.id)]",
            "author = db.get(Author, 1)\n    author.age += 5\n    db.commit()\n    db.refresh(author)\n"
            "    return author.age",
            "author = Author(name='new', age=9)\n    db.add(author)\n    db.flush()\n    db.refresh(author)\n"
            "    return author.id, len(author.books)",
            "count = db.query(Book).filter(Book.title == 'z').delete()\n    db.commit()\n"
            "    return count, db.query(Book).count()",
            "db.add(Book(title='w', author=db.query(Author).get(2)))\n    db.rollback()\n"
            "    return db.query(Book).count()",
            "with db.begin_nested():\n        db.query(Author).filter_by(id=1).one().name = 'n'\n"
            "    return db.scalar(select(Author.name).filter_by(id=1))",
            "author = db.get(Author, 3)\n    author.books.append(Book(title='v'))\n    db.commit()\n"
            "    return [book.title for book in author.books]",
            "db.delete(db.query(Book).order_by(Book.id).first())\n    db.commit()\n    return db.query(Book).count()",
            "tag = db.query(Tag).filter(Tag.word == 'odd').one()\n    tag.books.clear()\n    db.commit()\n"
            "    return len(tag.books)",
            "try:\n        db.add(Author(id=1, name='x', age=1))\n        db.flush()\n    except Exception:\n"
            "        db.rollback()\n        return 'there'",
        )
    )
    return f"def NAME(db: Session):\n    {body}\n", ""


def classes(chance: random.Random) -> tuple[str, str]:
    """Use a repository, with a base class, that keeps its session."""
    code = f"""
    class NAMEBase:
        model = Author

        def __init__(self, db: Session):
            self.db = db

        def one(self, key):
            return self.db.get(self.model, key)

        def first(self):
            return None

        def names(self):
            return [item.id for item in self._base().order_by({chance.choice(ORDERS)})]

        def _base(self):
            return self.db.query(Author).filter({chance.choice(FILTERS)})


    class NAMEThings(NAMEBase):
        def first(self):
            found = super().first()
            return found or self._base().first()

        @classmethod
        def of(cls, db: Session):
            return cls(db)

        @staticmethod
        def total(db: Session) -> int:
            return db.query(Book).count() + db.query(Tag).count()


    def NAME(db: Session):
        things = {chance.choice(("NAMEThings(db)", "NAMEThings.of(db)"))}
        return things.one(2), things.first(), things.names(), NAMEThings.total(db)
    """
    return code, ""


def calling(chance: random.Random) -> tuple[str, str]:
    """Call one function from another in many places of an expression."""
    body = chance.choice(
        (
            "[NAME_count(db, author) for author in db.query(Author).order_by(Author.id)]",
            "NAME_count(db, db.get(Author, 1)) + NAME_count(db, db.get(Author, 2)) * 2",
            "f'{NAME_count(db, db.get(Author, 3))} books'",
            "'some' if NAME_count(db, db.get(Author, 4)) else 'none'",
            "not NAME_count(db, db.get(Author, 4)) or NAME_count(db, db.get(Author, 3)) > 1",
            "[a for a in db.query(Author).order_by(Author.id).all() if NAME_count(db, a) > 1]",
            "{author.name: NAME_count(db, author) for author in db.query(Author)}['b']",
            "max([NAME_count(db, author) for author in db.query(Author).all()], default=0)",
            "list(NAME_each(db))",
            "[word for word in NAME_each(db) if word != 'old']",
        )
    )
    code = f"""
    def NAME_count(db: Session, author):
        return db.query(Book).filter(Book.author_id == author.id).count()


    def NAME_each(db: Session):
        for tag in db.query(Tag).order_by(Tag.id):
            yield tag.word


    def NAME(db: Session):
        return {body}
    """
    return code, ""


def modern(chance: random.Random) -> tuple[str, str]:
    """Use ``select()`` already."""
    body = chance.choice(
        (
            "db.scalars(select(Author).where(or_(Author.id == 1, Author.age == 2)).order_by(Author.id)).all()",
            "db.execute(select(Author.name, Author.age).order_by(Author.id)).mappings().first()['name']",
            "[row.id for row in db.execute(select(Author.id).order_by(Author.id))]",
            "db.scalar(select(func.count()).select_from(Author)) or 0",
            "db.scalars(select(Author).options(selectinload(Author.books))).first().books",
            "db.execute(select(Book).join(Book.author).order_by(Book.id)).scalars().first().author.name",
        )
    )
    return f"def NAME(db: Session):\n    return {body}\n", ""


MAKERS: tuple[Make, ...] = (query, query, columns, built, reading, writing, classes, calling, modern)


def program(seed: int) -> dict[str, str]:
    """Make a program: its files, by path.

    Args:
        seed: The seed; the same gives the same program.
    """
    chance = random.Random(seed)
    package = f"p{seed:03}"
    parts, calls = [CRUD.format(package=package)], []
    for number in range(chance.randint(3, 6)):
        code, given = chance.choice(MAKERS)(chance)
        parts.append(textwrap.dedent(code).strip().replace("NAME", f"f{number}") + "\n")
        calls.append(f"with SessionLocal() as db:\n    found.append(plain(f{number}(db{given})))")
    if chance.random() < 0.4:
        calls.append("with session_scope() as other:\n    found.append(plain(f0(other)))")
    database = DATABASE.format(autoflush=chance.choice(("", ", autoflush=False", ", expire_on_commit=True")))
    models = MODELS.format(cascade=chance.choice(("", ', cascade="all, delete-orphan"')))
    ages = chance.sample((1, 2, 2, 3, 4), 5)
    lines = textwrap.indent("\n".join(calls), " " * 4)
    return {
        f"{package}/__init__.py": "",
        f"{package}/database.py": database,
        f"{package}/models.py": models,
        f"{package}/crud.py": "\n\n".join(parts),
        f"{package}/main.py": MAIN.format(package=package, ages=ages, calls=lines),
    }
