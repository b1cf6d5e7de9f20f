"""The closed world of types that inference knows; everything else is `UNKNOWN`, and unknown stays silent."""

from __future__ import annotations

import ast
from dataclasses import field
from typing import TYPE_CHECKING, TypeAlias

from flake8_async_sqla.semantics.frozen import dataclass

if TYPE_CHECKING:
    from flake8_async_sqla.semantics.module import Module

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is known."""


UNKNOWN = Unknown()


# What annotations call a function: its one type argument is what a call gives.
CALLABLE = "typing.Callable"
STRING = "builtins.str"
# Last names of the mapping classes: their one type argument is what a key gives.
MAPPINGS = frozenset({"DefaultDict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "defaultdict", "dict"})


@dataclass(frozen=True, slots=True)
class NoneValue:
    """The value ``None``; it does not disturb a join."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The call that made an object.

    Attributes:
        path: File of the call.
        line: Its line, from 1.
        column: Its column, from 0, in UTF-8 bytes.
    """

    path: str
    line: int
    column: int
    module: Module = field(compare=False, repr=False)
    call: ast.Call = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class External:
    """A module, class or function outside the project, by its canonical dotted path."""

    path: str


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of an external class.

    Attributes:
        cls: Canonical dotted path of the class.
        origin: Where it was made, when that is visible.
        args: Type arguments: of a session factory, the session it makes.
    """

    cls: str
    origin: Origin | None = None
    args: tuple[Type, ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectModule:
    """Another module of the project."""

    module: Module


@dataclass(frozen=True, slots=True)
class Package:
    """A directory of the project without ``__init__.py``."""

    module: Module
    directory: str


@dataclass(frozen=True, slots=True)
class ProjectClass:
    """A class that the project defines."""

    module: Module
    node: ast.ClassDef


@dataclass(frozen=True, slots=True)
class ProjectInstance:
    """An instance of a class that the project defines."""

    cls: ProjectClass
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Super:
    """What ``super()`` gives in a method: the members of the bases, bound to ``receiver``."""

    cls: ProjectClass
    receiver: ProjectInstance | ProjectClass


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method that the project defines; ``receiver`` is what it is bound to."""

    module: Module
    node: FunctionNode
    receiver: ProjectInstance | ProjectClass | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A method of an instance of an external class, not called yet."""

    receiver: Instance | ProjectInstance
    cls: str
    name: str


@dataclass(frozen=True, slots=True)
class Coroutine:
    """What a call of a coroutine function gives; ``manager`` marks those that ``async with`` takes as well."""

    result: Type
    manager: bool = False


@dataclass(frozen=True, slots=True)
class Manager:
    """A context manager object and what entering it gives."""

    result: Type
    is_async: bool


@dataclass(frozen=True, slots=True)
class Generator:
    """A generator object and what it yields."""

    item: Type
    is_async: bool
    function: Function | None = None


@dataclass(frozen=True, slots=True)
class Container:
    """A list, tuple, set or other collection.

    Attributes:
        item: The type of its items, where they have one.
        items: The types of a tuple's items, where their number is known.
    """

    item: Type
    items: tuple[Type, ...] = ()

    def at(self, position: int) -> Type:
        """Return the type of the item at a position, from the end if it is negative."""
        if not self.items:
            return self.item
        return self.items[position] if -len(self.items) <= position < len(self.items) else UNKNOWN


Type: TypeAlias = (
    Unknown
    | NoneValue
    | External
    | Instance
    | ProjectModule
    | Package
    | ProjectClass
    | ProjectInstance
    | Super
    | Function
    | Member
    | Coroutine
    | Manager
    | Generator
    | Container
)


def join(types: list[Type]) -> Type:
    """Merge what a name may hold: one type if all agree (``None`` aside), else `UNKNOWN`."""
    known = [found for found in types if not isinstance(found, NoneValue)]
    if not known:
        return types[0] if types else UNKNOWN
    first = known[0]
    for other in known[1:]:
        if other == first:
            continue
        if isinstance(first, Instance) and isinstance(other, Instance) and first.cls == other.cls:
            origin = first.origin if _alike(first.origin, other.origin) else None
            first = Instance(first.cls, origin, first.args if first.args == other.args else ())
        elif isinstance(first, ProjectInstance) and isinstance(other, ProjectInstance) and first.cls == other.cls:
            first = ProjectInstance(first.cls)
        else:
            return UNKNOWN
    return first


def _alike(first: Origin | None, second: Origin | None) -> bool:
    """Tell whether two calls of one module are written alike, as those of factories in two branches may be."""
    if first is None or second is None or first.path != second.path:
        return False
    return ast.dump(first.call) == ast.dump(second.call)
