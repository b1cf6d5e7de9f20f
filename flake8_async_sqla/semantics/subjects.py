"""What rules look at: calls that make engines, factories and sessions, and values that are stored somewhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from flake8_async_sqla.semantics.calls import (
    ASYNC_ENGINE,
    ASYNC_SESSIONMAKER,
    FACTORIES,
    REGISTRIES,
    SESSIONMAKER,
    SESSIONS,
    argument,
)
from flake8_async_sqla.semantics.classes import is_a, is_class
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External, Instance, Member, ProjectClass, ProjectInstance, Type

_ENGINES = {
    "sqlalchemy.create_engine": False,
    "sqlalchemy.engine_from_config": False,
    "sqlalchemy.ext.asyncio.create_async_engine": True,
    "sqlalchemy.ext.asyncio.async_engine_from_config": True,
}


@dataclass(frozen=True, slots=True)
class EngineCall:
    """A call of ``create_engine``, ``create_async_engine`` or their ``engine_from_config`` forms.

    Attributes:
        call: The call.
        path: Canonical path of what is called.
        is_async: Whether an AsyncEngine comes out of it: directly, or wrapped as ``AsyncEngine(create_engine(...))``.
        wrapped: Whether it stands inside ``AsyncEngine(...)``.
    """

    call: ast.Call
    path: str
    is_async: bool
    wrapped: bool

    @property
    def name(self) -> str:
        """Name of the called function."""
        return self.path.rpartition(".")[2]

    @property
    def from_config(self) -> bool:
        """Whether the options come out of a mapping."""
        return self.name.endswith("from_config")

    @property
    def open(self) -> bool:
        """Whether some arguments cannot be seen (``**options``)."""
        return any(keyword.arg is None for keyword in self.call.keywords)

    def argument(self, name: str) -> ast.expr | None:
        """Return what is given for a keyword."""
        return argument(self.call, name)

    def keyword(self, name: str) -> ast.keyword | None:
        """Return the keyword node of a name."""
        return next((keyword for keyword in self.call.keywords if keyword.arg == name), None)

    @property
    def url(self) -> ast.expr | None:
        """What is given as the URL; for the configuration forms, the URL in a literal mapping."""
        if not self.from_config:
            return argument(self.call, "url", 0)
        if (given := argument(self.call, "url")) is not None:
            return given
        mapping = argument(self.call, "configuration", 0)
        prefix = argument(self.call, "prefix", 1)
        start = prefix.value if isinstance(prefix, ast.Constant) else "sqlalchemy."
        if isinstance(mapping, ast.Dict):
            for key, value in zip(mapping.keys, mapping.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == f"{start!s}url":
                    return value
        return None


@dataclass(frozen=True, slots=True)
class FactoryCall:
    """A call of ``sessionmaker`` or ``async_sessionmaker``, or of a project's subclass of one.

    Attributes:
        call: The call.
        path: Canonical path of the factory class.
        product: The type of the sessions it makes.
    """

    call: ast.Call
    path: str
    product: Type

    @property
    def is_async(self) -> bool:
        """Whether it is an ``async_sessionmaker``."""
        return self.path == ASYNC_SESSIONMAKER

    @property
    def bind(self) -> ast.expr | None:
        """What is given as the engine."""
        return argument(self.call, "bind", 0)


@dataclass(frozen=True, slots=True)
class RegistryCall:
    """A call of ``scoped_session`` or ``async_scoped_session``."""

    call: ast.Call
    path: str

    @property
    def factory(self) -> ast.expr | None:
        """What is given as the session factory."""
        return argument(self.call, "session_factory", 0)


@dataclass(frozen=True, slots=True)
class SessionCall:
    """A call that makes a session: of a session class, or of a factory.

    Attributes:
        call: The call.
        made: The type of the session.
        direct: Whether the class itself is called.
    """

    call: ast.Call
    made: Instance | ProjectInstance
    direct: bool


@dataclass(frozen=True, slots=True)
class DependsCall:
    """A call of FastAPI's ``Depends`` or ``Security``, and what is given to it."""

    call: ast.Call
    dependency: ast.expr


@dataclass(frozen=True, slots=True)
class MemberCall:
    """A call of a method of an object whose external class is known.

    Attributes:
        call: The call.
        receiver: The type of the object.
        cls: Canonical path of its external class.
        name: The method.
    """

    call: ast.Call
    receiver: Instance | ProjectInstance
    cls: str
    name: str


Subject = EngineCall | FactoryCall | RegistryCall | SessionCall | DependsCall | MemberCall


def call_subjects(module: Module, call: ast.Call) -> Iterator[Subject]:
    """Say what a call is, in the terms of rules."""
    callee = module.type_of(call.func)
    if isinstance(callee, External):
        yield from _external(module, call, callee)
    elif isinstance(callee, ProjectClass):
        yield from _class(module, call, callee)
    elif isinstance(callee, Member):
        yield MemberCall(call, callee.receiver, callee.cls, callee.name)
    elif isinstance(callee, Instance) and is_a(callee, *FACTORIES):
        made = module.type_of(call)
        if isinstance(made, (Instance, ProjectInstance)):
            yield SessionCall(call, made, direct=False)


def _external(module: Module, call: ast.Call, callee: External) -> Iterator[Subject]:
    path = callee.path
    if path in _ENGINES:
        wrapped = is_wrapped(module, call)
        yield EngineCall(call, path, _ENGINES[path] or wrapped, wrapped)
    elif path in ("fastapi.Depends", "fastapi.Security"):
        from flake8_async_sqla.semantics.dependencies import depends_argument

        dependency = depends_argument(call)
        if dependency is not None:
            yield DependsCall(call, dependency)
    elif path.startswith(("sqlalchemy.", "sqlmodel.")):
        yield from _class(module, call, callee)


def _class(module: Module, call: ast.Call, callee: External | ProjectClass) -> Iterator[Subject]:
    made = module.type_of(call)
    if not isinstance(made, (Instance, ProjectInstance)):
        return
    if is_class(callee, *FACTORIES):
        factory = ASYNC_SESSIONMAKER if is_class(callee, ASYNC_SESSIONMAKER) else SESSIONMAKER
        yield FactoryCall(call, factory, made.args[0] if isinstance(made, Instance) and made.args else made)
    elif is_class(callee, *REGISTRIES):
        yield RegistryCall(call, made.cls if isinstance(made, Instance) else "")
    elif is_class(callee, *SESSIONS):
        yield SessionCall(call, made, direct=True)


def is_wrapped(module: Module, call: ast.Call) -> bool:
    """Tell whether a sync engine is made inside ``AsyncEngine(...)``, directly or by way of a name."""
    parent = module.parent(call)
    if isinstance(parent, ast.keyword):
        parent = module.parent(parent)
    if isinstance(parent, ast.Call):
        return _wraps(module, parent)
    if isinstance(parent, (ast.Assign, ast.AnnAssign)):
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        names = {target.id for target in targets if isinstance(target, ast.Name)}
        loads = module.scope_of(call).loads
        return any(_wraps(module, module.parent(use)) for name in names for use in loads.get(name, ()))
    return False


def _wraps(module: Module, call: ast.AST | None) -> bool:
    if not isinstance(call, ast.Call):
        return False
    callee = module.type_of(call.func)
    return isinstance(callee, External) and callee.path == ASYNC_ENGINE
