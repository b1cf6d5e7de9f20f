"""Mapped classes, and statements that load them, for the comparison with what SQLAlchemy loads."""

MODELS = """
from sqlalchemy import ForeignKey, and_, bindparam, func, insert, literal, select, text, union_all, update
from sqlalchemy import orm
from sqlalchemy.orm import (
    Bundle, DeclarativeBase, Load, Mapped, aliased, column_property, contains_eager, defaultload, defer, immediateload,
    joinedload, lazyload, load_only, mapped_column, noload, query_expression, raiseload, relationship,
    selectin_polymorphic, selectinload, selectinload as si, subqueryload, undefer, undefer_group, with_expression,
    with_loader_criteria, with_polymorphic,
)


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    biography: Mapped[str] = mapped_column(deferred=True, default="b")
    draft: Mapped[str] = mapped_column(deferred_group="g", default="d")
    photo: Mapped[str] = mapped_column(deferred_group="g", default="p")
    upper: Mapped[str] = column_property(func.upper("x"))
    extra: Mapped[str | None] = query_expression()
    books: Mapped[list["Book"]] = relationship(back_populates="author")
    profile: Mapped["Profile"] = relationship(lazy="joined", back_populates="author")
    awards: Mapped[list["Award"]] = relationship(lazy="selectin")
    strict: Mapped[list["Book"]] = relationship(lazy="raise", viewonly=True)


class Profile(Base):
    __tablename__ = "profiles"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Author] = relationship(back_populates="profile")
    pages: Mapped[list["Page"]] = relationship(back_populates="profile")


class Page(Base):
    __tablename__ = "pages"
    id: Mapped[int] = mapped_column(primary_key=True)
    profile_id: Mapped[int] = mapped_column(ForeignKey("profiles.id"))
    profile: Mapped[Profile] = relationship(back_populates="pages")


class Award(Base):
    __tablename__ = "awards"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    label: Mapped[str]


class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    title: Mapped[str]
    text: Mapped[str] = mapped_column(deferred=True, default="t")
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Author] = relationship(back_populates="books")
    tags: Mapped[list["Tag"]] = relationship()
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "book"}


class Novel(Book):
    __tablename__ = "novels"
    id: Mapped[int] = mapped_column(ForeignKey("books.id"), primary_key=True)
    plot: Mapped[str]
    __mapper_args__ = {"polymorphic_identity": "novel"}


class Tag(Base):
    __tablename__ = "tags"
    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str]
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id"))


class Menu(Base):
    __tablename__ = "menus"
    id: Mapped[int] = mapped_column(primary_key=True)
    items: Mapped[list["Dish"]] = relationship(lazy="joined")


class Dish(Base):
    __tablename__ = "dishes"
    id: Mapped[int] = mapped_column(primary_key=True)
    menu_id: Mapped[int] = mapped_column(ForeignKey("menus.id"))
    menu: Mapped[Menu] = relationship(lazy="joined", viewonly=True)


DETAILS = [selectinload(Author.books), defer(Author.name)]
NESTED = selectinload(Author.books).selectinload(Book.tags)
Writer = aliased(Author)
Any_ = with_polymorphic(Book, [Novel])


class Repository:
    model = Author
    options = (selectinload(Author.books).options(joinedload(Book.tags), load_only(Book.title)),)

    def statement(self):
        return select(self.model).options(*self.options)


def base_statement():
    return select(Author).where(Author.id > 0).order_by(Author.id)


def extra_options():
    return [joinedload(Author.books), raiseload("*")]
"""

_SPELLED = {
    "plain": "select(Author)",
    "keyword import": "select(Author).options(orm.selectinload(Author.books))",
    "selectin": "select(Author).options(selectinload(Author.books))",
    "alias of the option": "select(Author).options(si(Author.books).joinedload(Book.tags))",
    "joined": "select(Author).options(joinedload(Author.books))",
    "joined one": "select(Book).options(joinedload(Book.author))",
    "joined one, then many": "select(Book).options(joinedload(Book.author).joinedload(Author.books))",
    "joined one, then selectin": "select(Book).options(joinedload(Book.author).selectinload(Author.books))",
    "selectin, then joined": "select(Author).options(selectinload(Author.books).joinedload(Book.tags))",
    "subquery": "select(Author).options(subqueryload(Author.books).subqueryload(Book.tags))",
    "immediate": "select(Author).options(immediateload(Author.books))",
    "contains": "select(Author).join(Author.books).options(contains_eager(Author.books))",
    "contains alias": "b = aliased(Book)\nstmt = select(Author).join(Author.books.of_type(b)).options("
    "contains_eager(Author.books.of_type(b)))",
    "contains one": "select(Book).join(Book.author).options(contains_eager(Book.author).selectinload(Author.books))",
    "noload": "select(Author).options(noload(Author.awards))",
    "lazy": "select(Author).options(lazyload(Author.profile), lazyload(Author.awards))",
    "lazy all": "select(Author).options(lazyload('*'))",
    "lazy all but": "select(Author).options(lazyload('*'), selectinload(Author.books))",
    "raise": "select(Author).options(raiseload(Author.awards))",
    "raise all": "select(Author).options(raiseload('*'))",
    "raise all but": "select(Author).options(selectinload(Author.books), raiseload('*'))",
    "raise all of one": "select(Author).options(Load(Author).raiseload('*'), selectinload(Author.books))",
    "raise all behind": "select(Book).options(selectinload(Book.author).raiseload('*'))",
    "raise all, then one by one": "select(Profile).options(raiseload('*'), immediateload(Profile.author))",
    "one by one, then raise all": "select(Profile).options(immediateload(Profile.author), raiseload('*'))",
    "lazy all, one by one behind": "select(Page).options(lazyload('*'), "
    "selectinload(Page.profile).immediateload(Profile.author))",
    "raise all, more behind one by one": "select(Page).options(raiseload('*'), "
    "immediateload(Page.profile).selectinload(Profile.author))",
    "defer all, one by one": "select(Author).options(defer('*'), immediateload(Author.books))",
    "raise all of one by one": "select(Profile).options(immediateload(Profile.author).raiseload('*'))",
    "raise all in the options of selectin": "select(Profile).options("
    "selectinload(Profile.author).options(raiseload('*')))",
    "raise all in the options of joined": "select(Profile).options(joinedload(Profile.author).options(raiseload('*')))",
    "raise all in the options of selectin in joined": "select(Page).options(joinedload(Page.profile).options("
    "selectinload(Profile.author).options(raiseload('*'))))",
    "raise all, in the options of joined in joined": "select(Page).options(joinedload(Page.profile).options("
    "joinedload(Profile.author).options(raiseload('*'))))",
    "raise all of selectin in the options of joined": "select(Page).options(joinedload(Page.profile).options("
    "selectinload(Profile.author).raiseload('*')))",
    "defer all in the options of selectin": "select(Profile).options(selectinload(Profile.author).options(defer('*')))",
    "defer all in the options of joined": "select(Profile).options(joinedload(Profile.author).options(defer('*')))",
    "raise all in the options of default": "select(Profile).options("
    "defaultload(Profile.author).options(raiseload('*')))",
    "raise all in the options of one": "select(Profile).options(Load(Profile).options(raiseload('*')))",
    "default": "select(Author).options(defaultload(Author.profile).selectinload(Profile.pages))",
    "default, columns": "select(Author).options(defaultload(Author.awards).load_only(Award.label))",
    "load": "select(Author).options(Load(Author).selectinload(Author.books).selectinload(Book.tags))",
    "only": "select(Author).options(load_only(Author.name))",
    "only, raising": "select(Author).options(load_only(Author.name, raiseload=True))",
    "only, raising, one that defers": "select(Author).options(load_only(Author.name, raiseload=True), "
    "defer(Author.upper))",
    "only, not raising again": "select(Author).options(load_only(Author.name, raiseload=True), load_only(Author.name))",
    "only, raising after it did not": "select(Author).options(load_only(Author.name), "
    "load_only(Author.name, raiseload=True))",
    "only deferred": "select(Author).options(load_only(Author.biography), selectinload(Author.books))",
    "only behind": "select(Author).options(selectinload(Author.books).load_only(Book.title))",
    "defer": "select(Author).options(defer(Author.name), defer(Author.upper, raiseload=True))",
    "defer all": "select(Author).options(defer('*'), undefer(Author.name))",
    "undefer": "select(Author).options(undefer(Author.biography))",
    "undefer all": "select(Author).options(undefer('*'))",
    "undefer group": "select(Author).options(undefer_group('g'))",
    "undefer those that raise": "select(Author).options(load_only(Author.name, raiseload=True), "
    "undefer(Author.biography), undefer_group('g'))",
    "undefer behind": "select(Book).options(joinedload(Book.author).undefer_group('g').undefer(Author.biography))",
    "expression": "select(Author).options(with_expression(Author.extra, literal('e')))",
    "nested options": "select(Author).options(selectinload(Author.books).options("
    "selectinload(Book.tags), undefer(Book.text), defer(Book.title)))",
    "several paths": "select(Author).options(selectinload(Author.books), selectinload(Author.books, Book.tags))",
    "two options": "select(Author).options(selectinload(Author.books)).options(selectinload(Author.books)."
    "selectinload(Book.tags))",
    "criteria": "select(Author).options(selectinload(Author.books.and_(Book.id > 0)), "
    "with_loader_criteria(Book, Book.id > 0))",
    "of type": "select(Author).options(selectinload(Author.books.of_type(Novel)).selectinload(Novel.tags))",
    "polymorphic selectin": "select(Book).options(selectin_polymorphic(Book, [Novel]))",
    "with polymorphic": "select(Any_).options(selectinload(Any_.tags))",
    "subclass": "select(Novel).options(selectinload(Novel.tags))",
    "subclass, option of the base": "select(Novel).options(selectinload(Book.tags))",
    "aliased": "select(Writer).options(selectinload(Writer.books))",
    "aliased here": "a = aliased(Author, name='a')\nstmt = select(a).options(selectinload(a.books)).where(a.id > 0)",
    "columns": "select(Author.name, func.count(Book.id)).join(Author.books).group_by(Author.id)",
    "entity and column": "select(Author, Author.name.label('n'), literal(1)).options(selectinload(Author.books))",
    "column and entity": "select(Book.title, Author).join(Book.author).options(selectinload(Author.books))",
    "two entities": "select(Book, Author).join(Book.author).options(selectinload(Book.tags), defer(Author.name))",
    "listed": "select(Author).options(*DETAILS)",
    "listed and more": "select(Author).options(*DETAILS, undefer(Author.biography))",
    "local list": "opts = [selectinload(Author.books)]\nstmt = select(Author).options(*opts)",
    "constant": "select(Author).options(NESTED)",
    "continued": "opt = selectinload(Author.books)\nstmt = select(Author).options(opt.selectinload(Book.tags))",
    "helper": "base_statement().options(selectinload(Author.books))",
    "helper for options": "base_statement().options(*extra_options())",
    "method": "Repository().statement()",
    "rebuilt": "stmt = select(Author)\nstmt = stmt.where(Author.id > 0)\n"
    "stmt = stmt.options(selectinload(Author.books))",
    "both branches": "if len(str(1)) == 1:\n    stmt = select(Author).options(undefer(Author.draft))\nelse:\n"
    "    stmt = select(Author).options(undefer(Author.draft))\nstmt = stmt.limit(1)",
    "populating": "select(Author).execution_options(populate_existing=True)",
    "update returning": "update(Author).values(name='z').returning(Author)",
    "insert returning": "insert(Author).values(id=9, name='z', biography='', draft='', photo='').returning(Author)",
    "joined by mapping": "select(Menu)",
    "joined by mapping, from below": "select(Dish)",
    "joined by mapping, left out": "select(Menu).options(lazyload(Menu.items))",
    "joined by mapping, raising": "select(Menu).options(raiseload('*'))",
    "joined by mapping, selectin": "select(Menu).options(selectinload(Menu.items))",
}

STATEMENTS = {name: code if "stmt" in code else f"stmt = {code}" for name, code in _SPELLED.items()}
