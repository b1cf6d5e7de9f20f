"""Which functions a program registers with an application, and with which: at start-up, as lifespan, as handler."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial
from typing import Literal, NamedTuple, TypeAlias

from flake8_async_sqla.facts.frameworks import APPLICATIONS, BOTS, STARTUP_DECORATORS, STARTUP_KEYWORDS
from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.frameworks.workers import setting
from flake8_async_sqla.semantics.inference.classes import lineage
from flake8_async_sqla.semantics.inference.members import bases
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.types import Function, FunctionNode, Instance, ProjectInstance, Type

_WORDS = (*STARTUP_KEYWORDS, "add_event_handler", "lifespan_context")
Role: TypeAlias = Literal["lifespan", "startup"]


class Registration(NamedTuple):
    """How a function is registered.

    Attributes:
        application: Canonical path of the application's class.
        role: ``lifespan``, or ``startup`` for everything else that takes the application.
    """

    application: str
    role: Role


def registration(module: Module, function: FunctionNode) -> Registration | None:
    """Tell how a function is registered with an application, in its module or in one that imports it.

    Args:
        module: The module of the function.
        function: The function.
    """
    for decorator in function.decorator_list:
        target = uncalled(decorator)
        if isinstance(target, ast.Attribute) and target.attr in STARTUP_DECORATORS:
            for cls in application_classes(module.type_of(target.value)):
                return Registration(cls, "startup")
    for place in [module, *importers(module)]:
        known: dict[ast.AST, Registration] = place.cached("registrations", partial(_table, place))
        if function in known:
            return known[function]
    return None


def application_classes(kind: Type) -> Iterator[str]:
    """Yield the classes of applications and bots that an object is an instance of."""
    if isinstance(kind, Instance):
        yield from (base for base in bases(kind.cls) if base in APPLICATIONS or base in BOTS)
    elif isinstance(kind, ProjectInstance):
        names = (base for base in lineage(kind.cls) if isinstance(base, str))
        yield from (base for base in names if base in APPLICATIONS or base in BOTS)


def _table(module: Module) -> dict[ast.AST, Registration]:
    found: dict[ast.AST, Registration] = {}
    if not any(word in module.text for word in _WORDS):
        return found
    for scope in module.index.scopes.values():
        for node in scope.nodes:
            if scope.kind == "class" and isinstance(node, ast.Assign):
                kind = module.type_of(node.value) if setting(module, node.value) == "on_startup" else None
                found.update([(kind.node, Registration("arq.Worker", "startup"))] if isinstance(kind, Function) else ())
            for owner, name, value in _registers(node):
                kinds = [module.type_of(item) for item in _items(value)]
                functions = [kind.node for kind in kinds if isinstance(kind, Function)]
                if functions and (classes := list(application_classes(module.type_of(owner)))):
                    role: Role = "lifespan" if name.startswith("lifespan") else "startup"
                    found.update((function, Registration(classes[0], role)) for function in functions)
    return found


def _registers(node: ast.AST) -> Iterator[tuple[ast.expr, str, ast.expr]]:
    """Yield applications with the name and value of what registers functions with them."""
    if isinstance(node, ast.Call):
        for keyword in node.keywords:
            if keyword.arg in STARTUP_KEYWORDS:
                yield node, keyword.arg, keyword.value
        if isinstance(node.func, ast.Attribute) and node.func.attr == "add_event_handler" and len(node.args) == 2:
            yield node.func.value, "on_startup", node.args[1]
        listed = node.func.value if isinstance(node.func, ast.Attribute) and node.func.attr == "append" else None
        if isinstance(listed, ast.Attribute) and listed.attr in STARTUP_KEYWORDS and node.args:
            yield listed.value, listed.attr, node.args[0]
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Attribute) and target.attr == "lifespan_context":
                holder = target.value
                yield holder.value if isinstance(holder, ast.Attribute) else holder, target.attr, node.value


def _items(value: ast.expr) -> list[ast.expr]:
    return value.elts if isinstance(value, (ast.List, ast.Tuple)) else [value]
