"""Where the functions of a project are named: called, registered, or passed on."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from flake8_async_sqla.migrate.colouring.offloaded import is_offloaded
from flake8_async_sqla.migrate.inference.kinds import ANY_MODULE, Kinds
from flake8_async_sqla.migrate.inference.partials import bound, is_partial
from flake8_async_sqla.migrate.inference.tables import is_entry
from flake8_async_sqla.migrate.project import Sources
from flake8_async_sqla.semantics.frameworks.dependencies import is_depends
from flake8_async_sqla.semantics.frameworks.registrations import application_classes
from flake8_async_sqla.semantics.inference.classes import class_attribute, lineage, scope_of_class
from flake8_async_sqla.semantics.inference.functions import is_generator, registers
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import (
    External,
    Function,
    FunctionNode,
    Instance,
    Member,
    ProjectClass,
    ProjectInstance,
)

Use: TypeAlias = Literal["call", "thread", "accepted", "listed", "enter", "sync", "passed"]

# What awaits a coroutine function that it is given, and runs any other.
_ACCEPTING = frozenset(
    {
        "add_api_route", "add_event_handler", "add_exception_handler", "add_route", "add_task", "add_middleware",
        "exception_handler", "middleware",
    }
)  # fmt: skip
_ACCEPTING_CLASSES = frozenset(
    {
        "fastapi.BackgroundTasks", "fastapi.routing.APIRoute", "starlette.background.BackgroundTask",
        "starlette.routing.Route",
    }
)  # fmt: skip
_ACCEPTING_KEYWORDS = frozenset({"lifespan", "on_startup", "on_shutdown", "endpoint", "dependencies"})
_SYNC_METHODS = frozenset({"run_sync"})
_HARMLESS = frozenset({"__name__", "__doc__", "__module__", "__qualname__", "__wrapped__"})
# What a mock has that tests put in the place of a function.
_MOCKED = ("assert_", "call", "mock_", "return_value", "side_effect", "reset_mock")


class Reference(NamedTuple):
    """One place that names a function.

    Attributes:
        module: The module of the place.
        node: The name or attribute.
        use: A ``call``; ``accepted`` by what takes coroutine functions as well; ``sync``, given to what needs a
            synchronous function (``run_sync``, event listeners); ``listed`` in a dictionary whose calls are seen;
            handed to a ``thread`` by a coroutine that awaits that; run by the ``with`` that is to ``enter`` the node;
            ``passed`` to something else.
    """

    module: Module
    node: ast.expr
    use: Use


def references(kinds: Kinds, sources: Sources) -> dict[FunctionNode, list[Reference]]:
    """Collect the places that name each function."""
    found: dict[FunctionNode, list[Reference]] = {}
    named: dict[str, list[Function]] = {}
    for function in sources.functions():
        if function.module.parent(function.node) is function.module.tree:
            named.setdefault(function.node.name, []).append(function)
    for module in sources.modules:
        for node in _named(module):
            kind = kinds.of(module, node)
            parent = module.parent(node)
            called = isinstance(parent, ast.Call) and parent.func is node
            if called and isinstance(kind, ProjectClass):
                kind = class_attribute(kind, "__init__", ProjectInstance(kind))
            elif called and isinstance(kind, ProjectInstance):
                kind = class_attribute(kind.cls, "__call__", kind)
            meant = [kind] if isinstance(kind, Function) else named.get(of_some_module(kinds, module, node), ())
            for function in meant:
                found.setdefault(function.node, []).append(Reference(module, node, _use(kinds, module, node)))
            if isinstance(inside := bound(kinds.of, kind), Function):
                use = _use(kinds, module, node)
                use = "passed" if use == "call" and is_generator(inside.module, inside.node) else use
                found.setdefault(inside.node, []).append(Reference(module, node, use))
    return found


def of_some_module(kinds: Kinds, module: Module, node: ast.expr) -> str:
    """Return which name of a module an attribute means where it cannot be told which module; empty for others."""
    some = isinstance(node, ast.Attribute) and kinds.of(module, node.value) == ANY_MODULE
    return node.attr if some and isinstance(node, ast.Attribute) else ""


def _named(module: Module) -> Iterator[ast.expr]:
    for scope in module.index.scopes.values():
        for uses in scope.loads.values():
            yield from uses
        for node in scope.nodes:
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                yield node
            elif isinstance(node, ast.Call) and isinstance(node.func, (ast.Call, ast.Subscript)):
                yield node.func


def _use(kinds: Kinds, module: Module, node: ast.expr) -> Use:
    parent = module.parent(node)
    if isinstance(parent, ast.Call) and parent.func is node:
        return "call"
    if isinstance(parent, ast.Attribute) and (parent.attr in _HARMLESS or parent.attr.startswith(_MOCKED)):
        return "accepted"
    if is_offloaded(module, node):
        return "thread"
    if isinstance(parent, ast.Call) and parent.args[:1] == [node] and is_partial(kinds.of(module, parent.func), parent):
        # What a partial object is called as is a reference of its own.
        use = _use(kinds, module, parent)
        return "accepted" if use == "call" else "passed" if use == "thread" else use
    if is_entry(module, node):
        return "listed"
    if _is_annotation(module, node):
        return "accepted"
    if isinstance(parent, (ast.Assert, ast.Expr)) or _is_metadata(kinds, module, parent) or _is_named(module, parent):
        return "accepted"
    if isinstance(parent, (ast.List, ast.Tuple)):
        parent = module.parent(parent)
    keyword = parent if isinstance(parent, ast.keyword) else None
    call = module.parent(parent) if keyword is not None and parent is not None else parent
    if isinstance(call, ast.Call):
        return _given(kinds, module, call, keyword)
    if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return "passed"
    statement = module.statement(node)
    overrides = any(
        isinstance(part, ast.Attribute) and part.attr == "dependency_overrides" for part in ast.walk(statement)
    )
    return "accepted" if overrides else "passed"


def _is_annotation(module: Module, node: ast.AST) -> bool:
    """Tell whether a name is part of an annotation: a type is meant there, below a method ``list()`` too."""
    for outer in module.ancestors(node):
        declared = getattr(outer, "returns", None) or getattr(outer, "annotation", None)
        if node is declared or isinstance(outer, ast.stmt):
            return node is declared
        node = outer
    return False


def _is_named(module: Module, parent: ast.AST | None) -> bool:
    """Tell whether a function only gets one more name, whose uses are seen: ``admin_read = read``."""
    target = parent.targets[0] if isinstance(parent, ast.Assign) and len(parent.targets) == 1 else None
    if not isinstance(target, ast.Name) or parent is None or module.parent(parent) is not module.tree:
        return False
    return len(module.index.top.names[target.id]) == 1


def _is_metadata(kinds: Kinds, module: Module, parent: ast.AST | None) -> bool:
    """Tell whether something is part of ``Annotated[...]``, which nobody calls."""
    outer = module.parent(parent) if isinstance(parent, ast.Tuple) else None
    kind = kinds.of(module, outer.value) if isinstance(outer, ast.Subscript) else None
    return isinstance(kind, External) and kind.path.endswith(".Annotated")


def _given(kinds: Kinds, module: Module, call: ast.Call, keyword: ast.keyword | None) -> Use:
    if is_depends(module, call):
        return "accepted"
    func = call.func
    kind = kinds.of(module, func)
    if isinstance(kind, Member) and kind.name in _SYNC_METHODS:
        return "sync"
    if isinstance(kind, External) and kind.path.startswith("sqlalchemy.event."):
        return "sync"
    if isinstance(kind, External) and kind.path in _ACCEPTING_CLASSES:
        return "accepted"
    if keyword is not None and keyword.arg in _ACCEPTING_KEYWORDS and list(application_classes(kinds.of(module, call))):
        return "accepted"
    if isinstance(func, ast.Attribute):
        holder = kinds.of(module, func.value)
        on_app = bool(list(application_classes(holder)))
        tasks = isinstance(holder, Instance) and holder.cls.endswith("BackgroundTasks")
        overriding = "dependency_overrides" in ast.unparse(func.value)
        if (func.attr in _ACCEPTING and (on_app or tasks)) or overriding:
            return "accepted"
    if isinstance(func, ast.Call) and isinstance(func.func, ast.Attribute):
        return "accepted" if registers(module, func, kinds.of(module, func.func.value)) else "passed"
    return "passed"


def override_groups(sources: Sources) -> dict[FunctionNode, list[Function]]:
    """Map each method to those that override it or that it overrides, in the whole family."""
    groups: dict[FunctionNode, list[Function]] = {}
    for module in sources.modules:
        for node in module.index.scopes:
            if isinstance(node, ast.ClassDef):
                cls = ProjectClass(module, node)
                bases = [base for base in lineage(cls)[1:] if isinstance(base, ProjectClass)]
                for method in _methods(cls):
                    same = [other for base in bases for other in _methods(base) if other.node.name == method.node.name]
                    for other in same:
                        join(groups, method, other)
    return groups


def _methods(cls: ProjectClass) -> Iterator[Function]:
    for bindings in scope_of_class(cls).names.values():
        for binding in bindings:
            if isinstance(binding.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield Function(cls.module, binding.node)


def join(groups: dict[FunctionNode, list[Function]], one: Function, other: Function) -> None:
    """Have two functions change together.

    Args:
        groups: Functions with those that change together with them.
        one: The one.
        other: The other.
    """
    merged = list(dict.fromkeys([one, other, *groups.get(one.node, ()), *groups.get(other.node, ())]))
    for member in merged:
        groups[member.node] = merged
