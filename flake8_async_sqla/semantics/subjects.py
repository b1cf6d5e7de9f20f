"""What rules look at: calls that make engines, factories and sessions, and values that are stored somewhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from flake8_async_sqla.semantics.engine.engines import EngineCall, engine_call, provided_engine, provider_as_call
from flake8_async_sqla.semantics.engine.wrappers import WrapperCall, wrapper_call
from flake8_async_sqla.semantics.frozen import dataclass
from flake8_async_sqla.semantics.inference.calls import (
    ASYNC_SESSIONMAKER,
    FACTORIES,
    PROVIDERS,
    REGISTRIES,
    SESSIONMAKER,
    SESSIONS,
    argument,
    completed,
)
from flake8_async_sqla.semantics.inference.classes import is_a, is_class
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.constructions import initializer_of
from flake8_async_sqla.semantics.types import External, Function, Instance, Member, ProjectClass, ProjectInstance, Type


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
    """A call of FastAPI's ``Depends`` or ``Security``, and what it depends on: its argument, or else its annotation."""

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


Subject = EngineCall | WrapperCall | FactoryCall | RegistryCall | SessionCall | DependsCall | MemberCall


def call_subjects(module: Module, call: ast.Call) -> Iterator[Subject]:
    """Say what a call is, in the terms of rules."""
    callee = module.type_of(call.func)
    if isinstance(callee, External):
        yield from _external(module, call, callee)
    elif isinstance(callee, Function):
        yield from _wrapper(module, call, callee)
    elif isinstance(callee, ProjectClass):
        yield from _wrapper(module, call, initializer_of(callee))
        yield from _class(module, call, callee)
    elif isinstance(callee, Member):
        yield MemberCall(call, callee.receiver, callee.cls, callee.name)
    elif isinstance(callee, Instance) and (whole := completed(module, call, callee)) is not None:
        path = module.type_of(whole.func)
        if isinstance(path, External) and (engine := engine_call(module, whole, path.path)) is not None:
            yield replace(engine, call=call, options=call)
    elif isinstance(callee, Instance) and is_a(callee, *FACTORIES):
        made = module.type_of(call)
        if isinstance(made, (Instance, ProjectInstance)):
            yield SessionCall(call, made, direct=False)


def _wrapper(module: Module, call: ast.Call, callee: Function | None) -> Iterator[WrapperCall]:
    found = wrapper_call(module, call, callee) if callee is not None else None
    if found is not None:
        yield found


def _external(module: Module, call: ast.Call, callee: External) -> Iterator[Subject]:
    path = callee.path
    if (engine := engine_call(module, call, path)) is not None:
        yield engine
    elif path.startswith(PROVIDERS):
        if (engine := provided_engine(module, call)) is not None:
            yield engine
        elif call.args and isinstance(provided := module.type_of(call.args[0]), Function):
            yield from _wrapper(module, provider_as_call(call), provided)
    elif path in ("fastapi.Depends", "fastapi.Security"):
        from flake8_async_sqla.semantics.frameworks.overrides import depended

        dependency = depended(module, call)
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
