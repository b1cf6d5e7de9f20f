"""Which expressions make a coroutine that somebody has to await, and whose it is."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from flake8_async_sqla.facts import repositories
from flake8_async_sqla.facts.members import Kind, member
from flake8_async_sqla.facts.members_generated import MEMBERS
from flake8_async_sqla.semantics.awaiting.misuse import Misuse, misuse
from flake8_async_sqla.semantics.inference.classes import instance_attribute, lineage
from flake8_async_sqla.semantics.inference.functions import is_generator, own_nodes, transparent
from flake8_async_sqla.semantics.inference.members import fact
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.identities import is_shared_type
from flake8_async_sqla.semantics.objects.origins import behind_partial
from flake8_async_sqla.semantics.types import (
    CALLABLE,
    UNKNOWN,
    Coroutine,
    External,
    Function,
    Generator,
    Instance,
    Member,
    ProjectInstance,
    Type,
)

_COROUTINES = ("coroutine", "awaitable_cm", "async_cm")
_FUNCTIONS = frozenset(
    {
        "sqlalchemy.ext.asyncio.close_all_sessions",
        "sqlalchemy.ext.asyncio.AsyncSession.close_all",
        "sqlalchemy.ext.asyncio.async_scoped_session.close_all",
    }
)
# Names of what gives a coroutine, whatever it is called on.
AWAITED = frozenset(
    {"awaitable_attrs", "close_all", "close_all_sessions"}
    | {name for members in MEMBERS.values() for name, known in members.items() if known.kind in _COROUTINES}
)
_OURS = ("sqlalchemy.", "sqlmodel.")


@dataclass(frozen=True, slots=True)
class Source:
    """What makes a coroutine.

    Attributes:
        name: How it is called in messages: ``AsyncSession.commit()``.
        result: What awaiting it gives.
        starts: Whether ``async with`` takes it as well: ``begin()``, ``connect()``.
        function: The project's function, unless it is SQLAlchemy's own.
        annotated: Whether only an annotation tells: a parameter or mapping of ``Callable[..., Awaitable[...]]``.
    """

    name: str
    result: Type
    starts: bool = False
    function: Function | None = None
    annotated: bool = False


def kinds(module: Module, found: Member) -> frozenset[Kind]:
    """List what a member is in the SQLAlchemy series that the project supports; empty if nothing is certain."""
    if not _visible(found.receiver):
        return frozenset()
    if repositories.is_coroutine(found.cls, found.name):
        return frozenset({"coroutine"})
    if not found.cls.startswith(_OURS):
        return frozenset()
    known = (member(found.cls, found.name, version) for version in module.project.settings.targets)
    return frozenset(item.kind for item in known if item is not None)


def _visible(receiver: Instance | ProjectInstance) -> bool:
    """Tell whether all bases of an object's class are known, so that none can override a member."""
    if isinstance(receiver, Instance):
        return True
    classes = [item for item in lineage(receiver.cls) if not isinstance(item, str)]
    return not any(item.module.type_of(base) is UNKNOWN for item in classes for base in item.node.bases)


def source_of(module: Module, node: ast.expr) -> Source | None:
    """Say what coroutine an expression makes; ``None`` for anything else."""
    if isinstance(node, ast.Attribute):
        return _awaitable_attribute(module, node)
    if isinstance(node, ast.Await):
        return _awaited_once(module, node)
    if not isinstance(node, ast.Call):
        return None
    callee = behind_partial(module.type_of(node.func))
    if isinstance(callee, Member):
        return _by_member(module, node, callee)
    if isinstance(callee, External) and callee.path in _FUNCTIONS:
        return Source(f"{callee.path.removeprefix('sqlalchemy.ext.asyncio.')}()", UNKNOWN)
    if isinstance(callee, ProjectInstance):
        callee = instance_attribute(callee, "__call__")
    if isinstance(callee, Function):
        return _by_function(module, node, callee)
    if isinstance(callee, Instance) and callee.cls == CALLABLE:
        return _by_annotation(module, node, callee)
    return None


def _by_annotation(module: Module, node: ast.Call, callee: Instance) -> Source | None:
    """Recognise the call of a value that gives an awaitable and is handed a session or connection."""
    kind = next(iter(callee.args), UNKNOWN)
    if not isinstance(kind, Coroutine) or not hands_session(module, node):
        return None
    return Source(f"{ast.unparse(node.func)}()", kind.result, annotated=True)


def hands_session(module: Module, call: ast.Call) -> bool:
    """Tell whether a call is given a session or a connection."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(is_shared_type(module.type_of(value)) for value in given)


def _by_member(module: Module, node: ast.Call, callee: Member) -> Source | None:
    found = kinds(module, callee)
    if not found or not found <= {"coroutine", "awaitable_cm", "async_cm"}:
        return None
    kind = module.type_of(node)
    name = f"{class_name(callee)}.{callee.name}()"
    return Source(name, getattr(kind, "result", UNKNOWN), starts=found != {"coroutine"})


def class_name(found: Member) -> str:
    """Name the class of a member's object as Python's messages do."""
    if isinstance(found.receiver, ProjectInstance):
        return found.receiver.cls.node.name
    return found.receiver.cls.rpartition(".")[2]


def _by_function(module: Module, node: ast.Call, callee: Function) -> Source | None:
    name = f"{callee.node.name}()"
    if isinstance(callee.node, ast.AsyncFunctionDef):
        if is_generator(callee.module, callee.node) or not _stays_coroutine(callee):
            return None
    elif not _returns_coroutine(callee):
        return None
    kind = module.type_of(node)
    if isinstance(kind, Generator):
        return None
    if isinstance(kind, Coroutine):
        return Source(name, kind.result, kind.manager, callee)
    return Source(name, UNKNOWN, False, callee)


def _stays_coroutine(function: Function) -> bool:
    """Tell whether what stands around an ``async def`` leaves it a coroutine function."""
    module, decorators = function.module, function.node.decorator_list
    if transparent(module, function.node):
        return True
    wrappers = [module.type_of(decorator) for decorator in decorators]
    return all(isinstance(found, Function) and _wraps_in_coroutine(found) for found in wrappers)


def _wraps_in_coroutine(decorator: Function) -> bool:
    """Tell whether a decorator replaces a function with an ``async def`` of its own."""
    kinds = wrappers(decorator)
    return bool(kinds) and all(
        isinstance(kind, Function)
        and isinstance(kind.node, ast.AsyncFunctionDef)
        and transparent(kind.module, kind.node)
        and not is_generator(kind.module, kind.node)
        for kind in kinds
    )


def wrappers(decorator: Function) -> list[Type]:
    """List what a decorator may put in the place of a function."""
    module = decorator.module
    returned = [found.value for found in own_nodes(module, decorator.node, ast.Return) if isinstance(found, ast.Return)]
    return [module.type_of(value) for value in returned]


def _returns_coroutine(function: Function) -> bool:
    """Tell whether all that a function returns are coroutines: what it declares as awaitable may be a task."""
    if is_generator(function.module, function.node) or not transparent(function.module, function.node):
        return False
    returned = [found.value for found in own_nodes(function.module, function.node, ast.Return)]  # type: ignore[attr-defined]
    kinds = [function.module.type_of(value) for value in returned]
    return bool(kinds) and all(isinstance(kind, Coroutine) for kind in kinds)


def _awaited_once(module: Module, node: ast.Await) -> Source | None:
    """Recognise the await of a function that returns a coroutine itself."""
    call = node.value
    callee = module.type_of(call.func) if isinstance(call, ast.Call) else UNKNOWN
    if not isinstance(callee, Function) or not _returns_coroutine(callee):
        return None
    kind = module.type_of(node)
    if not isinstance(kind, Coroutine):
        return None
    return Source(f"what {callee.node.name}() returns", kind.result, kind.manager, callee)


def _awaitable_attribute(module: Module, node: ast.Attribute) -> Source | None:
    holder = node.value
    if not isinstance(holder, ast.Attribute) or not _is_awaitable_attrs(holder):
        return None
    owner = module.type_of(holder.value)
    if not isinstance(owner, ProjectInstance) or not _has_awaitable_attrs(owner):
        return None
    return Source(f"{owner.cls.node.name}.awaitable_attrs.{node.attr}", UNKNOWN)


def _is_awaitable_attrs(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "awaitable_attrs"


def _has_awaitable_attrs(owner: ProjectInstance) -> bool:
    return any(isinstance(item, str) and fact(item, "awaitable_attrs") is not None for item in lineage(owner.cls))


def misused(module: Module, node: ast.expr) -> tuple[Source, Misuse] | None:
    """Find what is wrong with how the coroutine that an expression makes is used; ``None`` where nothing is."""
    if isinstance(node, ast.Attribute) and not _is_awaitable_attrs(node.value):
        return None
    if isinstance(module.parent(node), (ast.Await, ast.Lambda)):
        return None
    return module.cached(("misused", node), lambda: _misused(module, node))


def _misused(module: Module, node: ast.expr) -> tuple[Source, Misuse] | None:
    source = source_of(module, node)
    found = misuse(module, node, source.starts) if source is not None else None
    return (source, found) if source is not None and found is not None else None
