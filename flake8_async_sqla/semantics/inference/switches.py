"""Parts of a function that not every call gets to: a flag turns them off, or they are one of several to choose from."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.inference.classes import lineage
from flake8_async_sqla.semantics.inference.frames import pairs
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.inference.narrowing import conditions
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import parameters
from flake8_async_sqla.semantics.types import Function, ProjectClass


def switched_off(function: Function, call: ast.Call, node: ast.AST) -> bool:
    """Tell whether the flags that a call gives keep a function from getting to a node in it.

    Args:
        function: The function called.
        call: The call.
        node: A node in the function.
    """
    tests = list(conditions(function.module, node))
    flags = _flags(function, call) if tests else {}
    return bool(flags) and any(_denied(test, holds, flags) for test, holds in tests)


def chosen(function: Function, call: ast.AST) -> bool:
    """Tell whether a call makes one of several related objects of which a function picks one: a factory's ``elif``."""
    module = function.module
    own = _made(module, call)
    if own is None or not any(isinstance(outer, (ast.If, ast.Match)) for outer in module.ancestors(call)):
        return False
    cls, purpose = own
    others = (_made(module, other) for other in own_nodes(module, function.node, ast.Call))
    return any(other and other[0] != cls and _related(other[0], cls) and other[1] == purpose for other in others)


def _made(module: Module, call: ast.AST) -> tuple[ProjectClass, str] | None:
    """Return the class of what a call makes, and the name that it gets; an empty one where it is returned."""
    kind = module.type_of(call.func) if isinstance(call, ast.Call) else None
    place = module.parent(call)
    if not isinstance(kind, ProjectClass) or not isinstance(place, (ast.Return, ast.Assign, ast.AnnAssign)):
        return None
    if isinstance(place, ast.Return):
        return kind, ""
    return kind, ast.unparse(place.targets[0] if isinstance(place, ast.Assign) else place.target)


def _related(first: ProjectClass, second: ProjectClass) -> bool:
    return any(isinstance(base, ProjectClass) and base in lineage(second) for base in lineage(first))


def _flags(function: Function, call: ast.Call) -> dict[str, bool]:
    """List the parameters that a call sets to true or false, those aside that another name may set."""
    values: dict[str, ast.expr | None] = {found.arg: default for found, default in parameters(function.node.args)}
    hidden = any(isinstance(item, ast.Starred) for item in call.args) or any(not item.arg for item in call.keywords)
    values = {} if hidden else values
    values.update(pairs(function, call))
    return {
        name: value.value
        for name, value in values.items()
        if isinstance(value, ast.Constant) and isinstance(value.value, bool)
    }


def _denied(test: ast.expr, holds: bool, flags: dict[str, bool]) -> bool:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _denied(test.operand, not holds, flags)
    if isinstance(test, ast.BoolOp):
        return isinstance(test.op, ast.And) is holds and any(_denied(part, holds, flags) for part in test.values)
    name = test.id if isinstance(test, ast.Name) else test.attr.lstrip("_") if isinstance(test, ast.Attribute) else ""
    return flags.get(name, holds) is not holds
