"""Objects that loaded again when they were read after a commit: with asyncio they keep what they have."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.migrate.colouring.colour import Colouring
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.model import Plan, remark
from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.mapping.classes import is_mapped
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.scopes import Scope
from flake8_async_sqla.semantics.types import ProjectInstance

_BLOCKS = ("body", "orelse", "finalbody")


def expiry_notes(kinds: Kinds, colouring: Colouring, plan: Plan) -> None:
    """Note what is read after a commit that wrote it, and is not refreshed."""
    for operation in colouring.operations:
        module, call = operation.module, operation.node
        statement = module.parent(call)
        if operation.name != "Session.commit" or not isinstance(statement, ast.Expr) or is_test(module):
            continue
        for name in sorted(_written(kinds, module, statement)):
            use = next(_uses(module.scope_of(call), name, statement), None)
            outer = module.parent(use) if use is not None else None
            if use is not None and not (isinstance(outer, ast.Call) and _is_refresh(outer)):
                text = f"{name} loaded again here, after the commit, and keeps what it was given now: refresh it if "
                plan.loading.append(remark(module, use, f"{text}the database changes what it stores"))


def _written(kinds: Kinds, module: Module, commit: ast.Expr) -> set[str]:
    """List the variables with mapped objects that the block of a commit adds or changes before it."""
    found: set[str] = set()
    for statement in _before(module, commit):
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            name = target.value
        elif isinstance(call, ast.Call) and ast.unparse(call.func).endswith(".add") and len(call.args) == 1:
            if not isinstance(call.args[0], ast.Name):
                continue
            name = call.args[0]
        else:
            continue
        kind = kinds.of(module, name)
        if isinstance(kind, ProjectInstance) and is_mapped(kind.cls):
            found.add(name.id)
    return found


def _before(module: Module, statement: ast.stmt) -> list[ast.stmt]:
    parent = module.parent(statement)
    for field in _BLOCKS:
        block = getattr(parent, field, None)
        if isinstance(block, list) and statement in block:
            return block[: block.index(statement)]
    return []


def _uses(scope: Scope, name: str, commit: ast.stmt) -> Iterator[ast.Name]:
    """Yield where a variable is read below a commit, unless it is bound anew there."""
    below = (use for use in scope.loads.get(name, ()) if use.lineno > commit.lineno)
    bound = [binding.node.lineno for binding in scope.names.get(name, ()) if hasattr(binding.node, "lineno")]
    for use in sorted(below, key=lambda use: (use.lineno, use.col_offset)):
        if not any(commit.lineno < line <= use.lineno for line in bound):
            yield use


def _is_refresh(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in ("refresh", "delete", "expunge")
