"""Small modules whose queries travel: through helpers, dictionaries of functions, classes and files.

Each has ``form(s)``, with ``s`` the session; the helpers stand beside them. Those in `KEPT` have no certain form.
"""

PROGRAMS = {
    "helper": "def form(s: Session):\n    return active(s.query(U)).order_by(U.id).all()\n",
    "helper of a helper": "def form(s: Session):\n    return newest_first(active(s.query(U))).all()\n",
    "helper that joins": "def form(s: Session):\n    return with_items(s.query(U)).order_by(I.id).all()\n",
    "helper by keyword": "def form(s: Session):\n    return with_items(title='x', query=s.query(U)).first()\n",
    "helper that begins": "def form(s: Session):\n    return active(helpers.people(s)).order_by(U.id).all()\n",
    "helper that begins, counted": "def form(s: Session):\n    return helpers.people(s).filter(U.age > 1).count()\n",
    "helper without annotations": """
def form(s: Session):
    query = helpers.page(s.query(U).order_by(U.id), limit=2, offset=1)
    return [user.name for user in query]
""",
    "variable into a helper and back": """
def form(s: Session):
    query: Query = s.query(U)
    query = active(query)
    if s.query(I).count() > 2:
        query = newest_first(query)
    return query.count(), query.all()
""",
    "dictionary of helpers": """
def form(s: Session):
    steps = {"active": active, "newest": newest_first}
    query = s.query(U)
    query = steps["active"](query)
    return steps["newest"](query).all()
""",
    "conditional expression": """
def form(s: Session):
    base = s.query(U)
    query = active(base) if s is not None else base.filter(U.id == 1)
    return query.order_by(U.id).all()
""",
    "or none": """
def narrowed(query: Query | None, db: Session) -> Query:
    if query is None:
        query = db.query(U)
    return query.filter(U.id > 2)


def form(s: Session):
    return narrowed(None, s).all(), narrowed(active(s.query(U)), s).all()
""",
    "helper with its session": """
def named(db: Session, query: Query, name):
    return query.filter(U.name == name).first()


def form(s: Session):
    return named(s, s.query(U), "b"), named(db=s, query=with_items(s.query(U)), name="zz")
""",
    "helper without a session": """
def only(query: Query, age, *, number=1):
    return query.filter(U.age == age).limit(number).all()


def through(query):
    return only(query, 2)


def form(s: Session):
    ends = {"only": only}
    return only(s.query(U), 1), through(newest_first(s.query(U))), ends["only"](s.query(U), age=2, number=9)
""",
    "helper that calls itself": """
def ended(query, depth):
    return query.all() if depth else ended(query, depth + 1)


def form(s: Session):
    return ended(s.query(U), 0)
""",
    "helper of another class": """
class People:
    def __init__(self, db: Session):
        self.db = db

    def first(self):
        return Ends().first(self.db.query(U).order_by(U.id))


class Ends:
    def first(self, query):
        return query.first()


def form(s: Session):
    return People(s).first()
""",
    "mapped class as a parameter": """
def every(db: Session, model):
    return db.query(model).filter(model.id < 3).order_by(model.id).all()


def form(s: Session):
    return every(s, U), every(s, I)
""",
    "mapped class with a careless annotation": """
def owned(db: Session, kind: U | I):
    return db.query(kind).join(U.items if kind is U else I.owner).all()


def form(s: Session):
    return owned(s, U), owned(s, I)
""",
    "repository": """
class People:
    def __init__(self, db: Session):
        self.db = db

    def _base(self) -> Query:
        return self.db.query(U)

    def _narrow(self, query: Query, age):
        return query.filter(U.age == age)

    def by_age(self, age):
        return self._narrow(self._base(), age).order_by(U.id).all()

    def _only(self, query):
        return query.one_or_none()

    def named(self, name):
        return self._only(self._base().filter(U.name == name))


def form(s: Session):
    people = People(s)
    return people.by_age(2), people.named("a"), people._base().order_by(U.id.desc()).first()
""",
    "static and class methods": """
class Filters:
    @staticmethod
    def adults(query: Query) -> Query:
        return query.filter(U.age > 1)

    @classmethod
    def last(cls, query: Query) -> Query:
        return cls.adults(query).order_by(U.id.desc())


def form(s: Session):
    return Filters.adults(s.query(U)).count(), Filters.last(s.query(U)).first()
""",
    "columns in the end": """
def form(s: Session):
    query = active(s.query(U))
    return query.with_entities(func.count(U.id)).scalar(), query.with_entities(U.name).order_by(U.id).all()
""",
    "loop over filters": """
def form(s: Session):
    query = s.query(U)
    for test in (U.age > 1, U.name != "c"):
        query = query.filter(test)
    return query.order_by(U.id).all()
""",
    "subquery of a helper": """
def owners(db: Session) -> Query:
    return db.query(I.owner_id)


def form(s: Session):
    return s.query(U).filter(U.id.in_(owners(s))).order_by(U.id).all()
""",
    "truth": """
def form(s: Session):
    query = s.query(U).filter(U.id > 1)
    found = 0 if not query else 1
    if not s.query(U).filter(U.id < 0):
        found = 5
    return found, [user.id for user in query.all()] if query else []
""",
}
KEPT = {
    "given to something unknown": """
def form(s: Session):
    import paging
    return paging.paginate(active(s.query(U)))
""",
    "different kinds": """
def count(query):
    return query.all()


def form(s: Session):
    return count(s.query(U)), count(s.query(U.id))
""",
    "kept in a list": """
def form(s: Session):
    queries = [s.query(U)]
    return [query.all() for query in queries]
""",
    "helper passed on": """
def form(s: Session):
    return [found for step in (active, newest_first) for found in step(s.query(U))]
""",
    "inner function": """
def form(s: Session):
    query = s.query(U)

    def found():
        return query.all()

    return found()
""",
    "two sessions": """
def ended(query):
    return query.all()


def form(s: Session, other: Session):
    query = s.query(U)
    if s is other:
        query = other.query(U)
    return ended(query)
""",
    "session that changes": """
def form(s: Session, other: Session):
    query = s.query(U)
    s = other
    return query.all()
""",
    "generator": """
def steps(query: Query):
    yield query.all()


def form(s: Session):
    return list(steps(s.query(U)))
""",
    "overridden": """
class People:
    def __init__(self, db: Session):
        self.db = db

    def base(self):
        return self.db.query(U)

    def every(self):
        return self.base().all()


class Adults(People):
    def base(self):
        return list(self.db.query(U).filter(U.age > 1))[0]


def form(s: Session):
    return People(s).every()
""",
    "property": """
class People:
    def __init__(self, db: Session):
        self.db = db

    @property
    def adults(self):
        return self.db.query(U)


def form(s: Session):
    return People(s).adults.all()
""",
}
