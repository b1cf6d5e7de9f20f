"""Blocking calls that a thread runs."""

from __future__ import annotations

import ast

from flake8_async_sqla.fixes.vocabulary import Code, ReplaceExpression
from flake8_async_sqla.migrate.colouring.operations import is_sync_object
from flake8_async_sqla.migrate.edits.templates import argument_template
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.model import Plan
from flake8_async_sqla.semantics.mapping.classes import is_mapped
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import ProjectInstance


def in_thread(kinds: Kinds, module: Module, call: ast.Call, plan: Plan) -> bool:
    """Plan a call in a thread, unless a session or what belongs to one would go there.

    Args:
        kinds: Types.
        module: The module.
        call: The call, in a function that becomes a coroutine function.
        plan: Where the edit goes.

    Returns:
        Whether a thread runs it.
    """
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    if isinstance(call.func, ast.Attribute):
        values.append(call.func.value)
    generator = isinstance(module.scope_of(call).node, ast.GeneratorExp)
    starred = any(isinstance(value, ast.Starred) for value in values)
    if generator or starred or any(_belongs_to_session(kinds, module, value) for value in values):
        return False
    template, nodes = argument_template(call)
    more = f", {template}" if template else ""
    nodes["function"] = call.func
    code = Code(f"await {{asyncio}}.to_thread({{function}}{more})", nodes, {"asyncio": "asyncio"})
    plan.edit(module, ReplaceExpression(call, code))
    return True


def _belongs_to_session(kinds: Kinds, module: Module, node: ast.expr) -> bool:
    kind = kinds.of(module, node)
    return is_sync_object(kind) or (isinstance(kind, ProjectInstance) and is_mapped(kind.cls))
