"""What gives a session to others: generators, context managers and factories, and who expects one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.blocking.blocking import arguments
from flake8_async_sqla.semantics.frameworks.dependencies import is_depends
from flake8_async_sqla.semantics.inference.annotations import annotated
from flake8_async_sqla.semantics.inference.calls import ASYNC_ENGINE, ENGINE, REGISTRIES, SESSIONS
from flake8_async_sqla.semantics.inference.classes import class_attribute, is_a
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.inference.members import fact
from flake8_async_sqla.semantics.inference.parameters import parameter_type
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import parameters
from flake8_async_sqla.semantics.names.scopes import Binding
from flake8_async_sqla.semantics.types import (
    Coroutine,
    Function,
    Generator,
    Instance,
    Manager,
    ProjectClass,
    ProjectInstance,
    Type,
)

CONNECTIONS = ("sqlalchemy.ext.asyncio.AsyncConnection", "sqlalchemy.Connection")
RESOURCES = (*SESSIONS, *REGISTRIES, *CONNECTIONS, ASYNC_ENGINE, ENGINE)
_CLEANING = (ast.With, ast.AsyncWith, ast.Try)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


def is_resource(kind: Type) -> bool:
    """Tell whether a type is a session, connection or engine."""
    return is_a(kind, *RESOURCES)


def noun(kind: Type) -> str:
    """Name a session, connection or engine in a message."""
    if is_a(kind, *CONNECTIONS):
        return "connection"
    return "engine" if is_a(kind, ASYNC_ENGINE, ENGINE) else "session"


def provider_object(kind: Type) -> Generator | None:
    """Return the type as that of a generator object that hands out one session; ``None`` if it is anything else."""
    if not isinstance(kind, Generator) or kind.function is None or not is_resource(kind.item):
        return None
    function = kind.function
    for node in _yields(function):
        if any(isinstance(outer, _LOOPS) for outer in _around(function, node)):
            return None
    return kind


def _around(function: Function, node: ast.AST) -> Iterator[ast.AST]:
    for outer in function.module.ancestors(node):
        if outer is function.node:
            return
        yield outer


def generator_name(generator: Generator) -> str:
    """Name the kind of generator as exceptions do."""
    return "async_generator" if generator.is_async else "generator"


def called_type(kind: Type) -> Type | None:
    """Return what calling a dependency gives: the result of a function, or of a callable that ``contextlib`` made."""
    if isinstance(kind, Function):
        return kind.module.result_of(kind)
    if isinstance(kind, Instance) and kind.cls == "typing.Callable" and kind.args:
        return kind.args[0]
    return None


def awaited(kind: Type) -> Type:
    """Return what FastAPI hands over: the result of a coroutine, or the object itself."""
    return kind.result if isinstance(kind, Coroutine) else kind


def managed(kind: Type | None) -> Manager | None:
    """Return the type as that of a context manager that gives a session; ``None`` if it is anything else."""
    return kind if isinstance(kind, Manager) and is_resource(kind.result) else None


def has_member(kind: Type, name: str) -> bool:
    """Tell whether objects of a type have a member, as far as SQLAlchemy's own classes say."""
    if isinstance(kind, Instance):
        return fact(kind.cls, name) is not None
    if isinstance(kind, ProjectInstance):
        return any(is_a(kind, cls) and fact(cls, name) is not None for cls in RESOURCES)
    return False


def receiving_parameter(module: Module, value: ast.expr) -> tuple[Function, str] | None:
    """Find the parameter of a project function that an expression is given to."""
    parent = module.parent(value)
    call = module.parent(parent) if isinstance(parent, ast.keyword) else parent
    if not isinstance(call, ast.Call) or value is call.func:
        return None
    function = called_project_function(module, call)
    if function is None:
        return None
    return next(((function, name) for given, name in arguments(function, call) if given is value), None)


def called_project_function(module: Module, call: ast.Call) -> Function | None:
    """Return the project function that a call runs; of a class, its ``__init__``."""
    callee = module.type_of(call.func)
    if isinstance(callee, ProjectClass):
        callee = class_attribute(callee, "__init__", ProjectInstance(callee))
    return callee if isinstance(callee, Function) else None


def called_name(function: Function) -> str:
    """Name a function as calls do: of ``__init__``, its class."""
    if function.node.name == "__init__" and isinstance(function.receiver, ProjectInstance):
        return function.receiver.cls.node.name
    return function.node.name


def expects_resource(function: Function, name: str) -> Type | None:
    """Return the session, connection or engine that a parameter is declared to be, unless its uses say otherwise."""
    declared = declared_resources(function).get(name)
    return declared if declared is not None and not _used_otherwise(function, name) else None


def declared_resources(function: Function) -> dict[str, Type]:
    """Map the parameters of a function that are declared to be sessions, connections or engines to their types."""
    module, node = function.module, function.node

    def find() -> dict[str, Type]:
        notes = [(item.arg, item.annotation) for item, _ in parameters(node.args) if item.annotation is not None]
        kinds = [(name, annotated(module, note, module.scope_of(note))) for name, note in notes]
        return {name: kind for name, kind in kinds if is_resource(kind)}

    return module.cached(("declared resources", node), find)


def _used_otherwise(function: Function, name: str) -> bool:
    """Tell whether a function calls, awaits, iterates or checks a parameter, whatever its annotation says."""
    module = function.module
    for use in module.index.scopes[function.node].loads.get(name, ()):
        parent = module.parent(use)
        if isinstance(parent, (ast.Await, ast.For, ast.AsyncFor, ast.comprehension)):
            return True
        if isinstance(parent, ast.Call) and (parent.func is use or isinstance(parent.func, ast.Name)):
            callee = module.type_of(parent.func)
            if parent.func is use or not isinstance(callee, (Function, ProjectClass)):
                return True
    return False


def resource_markers(function: Function) -> Iterator[str]:
    """Yield the parameters of a function whose default is ``Depends(...)`` of something that gives a session."""
    module = function.module
    for argument, default in parameters(function.node.args):
        if isinstance(default, ast.Call) and is_depends(module, default):
            binding = Binding("parameter", argument, default, argument.annotation)
            scope = module.index.scopes[function.node]
            if is_resource(parameter_type(module, argument, binding, scope)):
                yield argument.arg


def cleans_up(generator: Generator) -> bool:
    """Tell whether something happens when a generator object ends: around its ``yield``, or a commit after it."""
    if (function := generator.function) is None:
        return False
    around = any(isinstance(outer, _CLEANING) for node in _yields(function) for outer in _around(function, node))
    return around or loses_commit(generator)


def loses_commit(generator: Generator) -> bool:
    """Tell whether a commit happens only if somebody asks the generator for more than its first item."""
    if (function := generator.function) is None:
        return False
    for node in _yields(function):
        for outer in _around(function, node):
            if isinstance(outer, (ast.With, ast.AsyncWith)) and any(_calls(item, "begin") for item in outer.items):
                return True
        if any(_calls(statement, "commit") for statement in _after(function, node)):
            return True
    return False


def _yields(function: Function) -> Iterator[ast.AST]:
    return own_nodes(function.module, function.node, ast.Yield, ast.YieldFrom)


def _after(function: Function, node: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statements behind a node, in its own block and the outer ones, ``finally`` aside."""
    child = node
    for outer in function.module.ancestors(node):
        for name in ("body", "orelse"):
            block = getattr(outer, name, None)
            if isinstance(block, list) and child in block:
                yield from block[block.index(child) + 1 :]
                if name == "body" and isinstance(outer, ast.Try):
                    yield from outer.orelse
        if outer is function.node:
            return
        child = outer


def _calls(node: ast.AST, name: str) -> bool:
    calls = (inner.func for inner in ast.walk(node) if isinstance(inner, ast.Call))
    return any(isinstance(func, ast.Attribute) and func.attr == name for func in calls)
