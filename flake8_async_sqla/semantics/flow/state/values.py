"""What expressions give in the flow analysis."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias

from flake8_async_sqla.semantics.frozen import dataclass
from flake8_async_sqla.semantics.loading.plan import Query
from flake8_async_sqla.semantics.loading.spreading import Given
from flake8_async_sqla.semantics.types import FunctionNode, ProjectClass, Type

if TYPE_CHECKING:
    from flake8_async_sqla.semantics.module import Module


@dataclass(frozen=True, slots=True)
class Opaque:
    """Anything: nothing is known of it."""


@dataclass(frozen=True, slots=True)
class Plain:
    """Something that holds no mapped object: a number, a string, a row of values.

    Attributes:
        key: The number that it is, or the parameter of the function under analysis, where it may be a primary key.
        truth: Whether it is true, where a call gives it as a constant.
        optional: Whether it may be ``None`` as well.
    """

    key: int | str | None = None
    truth: bool | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """An SQL expression: the database computes its value."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """The value ``None``."""


@dataclass(frozen=True, slots=True)
class Object:
    """A mapped object.

    Attributes:
        id: Its number in the heap.
        optional: Whether it may be ``None`` as well.
    """

    id: int
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Many:
    """A collection or iterator of which all items are alike.

    Attributes:
        item: One of them; an object stands for all of them.
        keyed: Whether it is a dictionary whose values are the items.
    """

    item: Value
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list, tuple or row with known items.

    Attributes:
        items: The items.
        names: Their names, for rows and dictionaries; empty otherwise.
        keyed: Whether it is a dictionary.
    """

    items: tuple[Value, ...]
    names: tuple[str, ...] = ()
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class Loader:
    """A loader option, as the call that makes it."""

    module: Module
    node: ast.Call


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that returns rows, not executed yet.

    Attributes:
        query: What it loads.
        given: The options that it was put together with, where only values tell that; else None.
    """

    query: Query
    given: tuple[Given, ...] | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """An async session, by its number in the heap."""

    id: int


@dataclass(frozen=True, slots=True)
class Block:
    """What ``async with`` takes: a transaction of a session.

    Attributes:
        session: The session.
        kind: How it was made: ``session.begin()``, ``session.begin_nested()``, ``factory.begin()``.
    """

    session: int
    kind: Literal["begin", "begin_nested", "factory"]


@dataclass(frozen=True, slots=True)
class Rows:
    """A result.

    Attributes:
        row: What one row, or one item after ``scalars()``, is.
        scalars: Whether it gives items rather than rows.
        streamed: Whether its methods are coroutines.
        repeating: The query whose joined collections repeat the rows, until ``unique()``.
    """

    row: Value
    scalars: bool = False
    streamed: bool = False
    repeating: Query | None = None


@dataclass(frozen=True, slots=True)
class Dynamic:
    """A ``lazy="dynamic"`` or write-only collection of an object."""

    owner: int
    attribute: str


@dataclass(frozen=True, slots=True)
class Service:
    """An instance of a project class that is not mapped.

    Attributes:
        id: Its number in the heap.
        cls: The class.
        exact: Whether it is an instance of that class itself, not perhaps of a subclass.
    """

    id: int
    cls: ProjectClass
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    """A method of a value, not called yet."""

    receiver: Value
    name: str


@dataclass(frozen=True, slots=True)
class Routine:
    """A project function.

    Attributes:
        module: The module that holds it.
        node: Its definition.
        receiver: What it is bound to.
        closure: The names around it when it was defined inside another function.
    """

    module: Module
    node: FunctionNode | ast.Lambda
    receiver: Value | None = None
    closure: tuple[tuple[str, Value], ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Deferred:
    """A call, perhaps a ``partial()``, or a generator expression that runs later: after the response, or when used."""

    node: ast.Call | ast.GeneratorExp
    routine: Routine
    values: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]
    made: int = 0  # tells two of one generator expression apart


@dataclass(frozen=True, slots=True)
class Getter:
    """What ``operator.attrgetter()`` gives, by the dotted names that it reads."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suspended:
    """A block that was left, while the function that makes its context manager goes on.

    Attributes:
        names: The names of the function that holds the block.
        kind: How it was left: the name of an attribute of `Flow`.
        value: What it returns.
        statement: The ``return``.
    """

    names: tuple[tuple[str, Value], ...]
    kind: str
    value: Value
    statement: ast.Return | None


@dataclass(frozen=True, slots=True)
class Known:
    """A class, module or function of which its type says everything."""

    type: Type


Value: TypeAlias = (
    Opaque | Plain | Clause | Nothing | Object | Many | Items | Loader | Statement | Session | Block | Rows | Dynamic
    | Service | Bound | Routine | Deferred | Getter | Suspended | Known
)  # fmt: skip

OPAQUE = Opaque()
PLAIN = Plain()
NOTHING = Nothing()
CLAUSE = Clause()


def inside(value: Value) -> Iterator[Value]:
    """Yield a value and what it holds directly, however deep."""
    yield value
    if isinstance(value, Many):
        yield from inside(value.item)
    elif isinstance(value, Items):
        for item in value.items:
            yield from inside(item)
    elif isinstance(value, Rows):
        yield from inside(value.row)
    elif isinstance(value, Bound):
        yield from inside(value.receiver)
    elif isinstance(value, Dynamic):
        yield Object(value.owner)
    elif isinstance(value, Deferred):
        for held in (*value.values, *(given for _, given in value.keywords)):
            yield from inside(held)
    elif isinstance(value, Routine):
        if value.receiver is not None:
            yield from inside(value.receiver)
        for _, held in value.closure:
            yield from inside(held)


def merged(left: Value, right: Value) -> Value:
    """Say what a name holds that holds either of two values."""
    if left == right:
        return left
    if isinstance(left, Nothing):
        left, right = right, left
    if isinstance(left, Plain) and isinstance(right, (Plain, Nothing)):
        return Plain(optional=left.optional or isinstance(right, Nothing) or right.optional)
    if isinstance(left, Object) and isinstance(right, (Nothing, Object)):
        if isinstance(right, Nothing):
            return Object(left.id, True)
        if left.id == right.id:
            return Object(left.id, True)
    if isinstance(left, Suspended) and isinstance(right, Suspended) and left.kind == right.kind == "normal":
        held = dict(right.names)
        names = tuple((name, merged(value, held[name])) for name, value in left.names if name in held)
        return Suspended(names, left.kind, NOTHING, None)
    if isinstance(left, Many) and isinstance(right, Many) and left.keyed == right.keyed:
        return Many(merged(left.item, right.item), left.keyed)
    if isinstance(left, Items) and isinstance(right, Items) and len(left.items) == len(right.items):
        items = tuple(merged(one, other) for one, other in zip(left.items, right.items, strict=True))
        return Items(items, left.names if left.names == right.names else (), left.keyed)
    # An empty list is no reason to forget what the other way puts into it.
    if isinstance(left, Items) and not left.items and isinstance(right, Many):
        return right
    if isinstance(right, Items) and not right.items and isinstance(left, Many):
        return left
    return OPAQUE
