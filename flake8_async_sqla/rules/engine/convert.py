"""Turning a sync engine, and all that uses it, into an async one; or saying why not."""

from __future__ import annotations

import ast

from flake8_async_sqla.fixes.vocabulary import AddAwait, Edit, Fix, MakeAsync, Refusal, ReplaceName, unsafe
from flake8_async_sqla.rules.drivers import change_scheme, replacement, sync_in
from flake8_async_sqla.rules.uses import assigned_names, uses
from flake8_async_sqla.semantics.calls import ASYNC_ENGINE, ENGINE
from flake8_async_sqla.semantics.engines import EngineCall
from flake8_async_sqla.semantics.importers import importers
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External
from flake8_async_sqla.semantics.urls import urls

_AWAITED = frozenset({"execute", "scalar", "scalars", "exec_driver_sql", "commit", "rollback"})
_MIGRATE = "not every use has an async twin here; migrate the project as a whole"


def convert_engine(module: Module, engine: EngineCall) -> Fix | Refusal:
    """Describe the fix of a sync engine that coroutines use.

    Args:
        module: The module of the engine call.
        engine: The engine call.
    """
    if len(assigned_names(module, engine.call)) != 1 or importers(module):
        return Refusal("the engine is used by other modules; migrate the project as a whole")
    edits: list[Edit] = [ReplaceName(engine.call.func, f"sqlalchemy.ext.asyncio.{_async_name(engine)}")]
    assignment = module.parent(engine.call)
    if isinstance(assignment, ast.AnnAssign):
        if module.type_of(assignment.annotation) != External(ENGINE):
            return Refusal("the engine's annotation cannot be told")
        edits.append(ReplaceName(assignment.annotation, ASYNC_ENGINE))
    for use in uses(module, engine.call):
        more = _convert_use(module, use)
        if more is None:
            return Refusal(_MIGRATE)
        edits.extend(more)
    found = urls(module, engine.url)
    if not found:
        return Refusal("the URL cannot be seen")
    for url in found:
        if sync_in(url, module.project.settings.targets):
            scheme = replacement(url, module)
            change = change_scheme(module, engine, url, scheme) if scheme else Refusal("no async driver is known")
            if isinstance(change, Refusal):
                return change
            edits.extend(change.edits)
    return unsafe("the engine and everything that uses it become async", *edits)


def _async_name(engine: EngineCall) -> str:
    return "async_engine_from_config" if engine.from_config else "create_async_engine"


def _convert_use(module: Module, use: ast.Name) -> list[Edit] | None:
    """Convert ``with engine.connect() as connection:`` in a coroutine, with what its block does to the connection."""
    attribute = module.parent(use)
    call = module.parent(attribute) if isinstance(attribute, ast.Attribute) else None
    item = module.parent(call) if isinstance(call, ast.Call) else None
    block = module.parent(item) if isinstance(item, ast.withitem) else None
    if not isinstance(attribute, ast.Attribute) or attribute.attr not in ("connect", "begin"):
        return None
    if not isinstance(block, ast.With) or len(block.items) != 1 or not isinstance(item, ast.withitem):
        return None
    function = module.function(block)
    if not isinstance(function, ast.AsyncFunctionDef):
        return None
    edits: list[Edit] = [MakeAsync(block)]
    if isinstance(item.optional_vars, ast.Name):
        for inner in module.index.scopes[function].loads.get(item.optional_vars.id, ()):
            member = module.parent(inner)
            outer = module.parent(member) if isinstance(member, ast.Attribute) else None
            if not isinstance(member, ast.Attribute) or not isinstance(outer, ast.Call) or member.attr not in _AWAITED:
                return None
            edits.append(AddAwait(outer))
    return edits if item.optional_vars is None or isinstance(item.optional_vars, ast.Name) else None
