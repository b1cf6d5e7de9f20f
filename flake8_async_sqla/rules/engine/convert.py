"""Turning a sync engine, and all that uses it, into an async one; or saying why not."""

from __future__ import annotations

import ast

from flake8_async_sqla.fixes.vocabulary import (
    AddAwait,
    AddKeyword,
    Code,
    Edit,
    Fix,
    MakeAsync,
    Refusal,
    ReplaceName,
    unsafe,
)
from flake8_async_sqla.rules.drivers import change_scheme, replacement, sync_in
from flake8_async_sqla.rules.uses import assigned_names, uses
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.engine.urls import urls
from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.inference.calls import (
    ASYNC_ENGINE,
    ASYNC_SESSIONMAKER,
    ENGINE,
    SESSION,
    SESSIONMAKER,
    argument,
)
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.functions import is_generator
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.origins import origin_of
from flake8_async_sqla.semantics.subjects import FactoryCall, call_subjects
from flake8_async_sqla.semantics.types import External

_CONNECTION = frozenset({"execute", "scalar", "scalars", "exec_driver_sql", "commit", "rollback"})
_SESSION = frozenset(
    {"execute", "scalar", "scalars", "get", "commit", "rollback", "flush", "refresh", "delete", "merge"}
)
_SESSION_SYNC = frozenset({"add", "add_all", "expunge", "expire"})
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


def convert_factory(module: Module, factory: FactoryCall) -> Fix | Refusal:
    """Describe the fix of a sync session factory: that of its engine, which takes the factory along.

    Args:
        module: The module of the factory.
        factory: The factory call.
    """
    origin = origin_of(module.type_of(factory.bind))
    made = call_subjects(module, origin.call) if origin is not None and origin.module == module else iter(())
    engine = next((found for found in made if isinstance(found, EngineCall)), None)
    if engine is None:
        return Refusal("the engine of the factory is not made in this file; migrate the project as a whole")
    return convert_engine(module, engine)


def _convert_use(module: Module, use: ast.Name) -> list[Edit] | None:
    """Convert one use of the engine, with all that hangs on it; ``None`` where there is no async twin."""
    parent = module.parent(use)
    if isinstance(parent, ast.Attribute):
        call = module.parent(parent)
        if parent.attr in ("connect", "begin") and isinstance(call, ast.Call):
            return _convert_block(module, call, _CONNECTION, frozenset())
        return None
    call = module.parent(parent) if isinstance(parent, ast.keyword) else parent
    subjects = call_subjects(module, call) if isinstance(call, ast.Call) else iter(())
    factory = next((found for found in subjects if isinstance(found, FactoryCall)), None)
    return _convert_sessions(module, factory) if factory is not None and factory.bind is use else None


def _convert_sessions(module: Module, factory: FactoryCall) -> list[Edit] | None:
    call = factory.call
    plain = (
        factory.path == SESSIONMAKER and argument(call, "class_", 1) is None and len(assigned_names(module, call)) == 1
    )
    if not plain or not is_a(factory.product, SESSION) or not isinstance(module.parent(call), ast.Assign):
        return None
    edits: list[Edit] = [ReplaceName(call.func, ASYNC_SESSIONMAKER)]
    if argument(call, "expire_on_commit") is None:
        edits.append(AddKeyword(call, "expire_on_commit", Code("False")))
    for use in uses(module, call):
        made = module.parent(use)
        more = _convert_block(module, made, _SESSION, _SESSION_SYNC) if isinstance(made, ast.Call) else None
        if more is None:
            return None
        edits.extend(more)
    return edits


def _convert_block(module: Module, call: ast.Call, awaited: frozenset[str], plain: frozenset[str]) -> list[Edit] | None:
    """Convert ``with <call> as name:`` in a coroutine, with what its block does to the name.

    Args:
        module: The module.
        call: What is entered.
        awaited: Methods of the name that become coroutines.
        plain: Methods that stay as they are.
    """
    item = module.parent(call)
    block = module.parent(item) if isinstance(item, ast.withitem) else None
    function = module.function(block) if isinstance(block, ast.With) else None
    if not isinstance(item, ast.withitem) or not isinstance(block, ast.With) or len(block.items) != 1:
        return None
    if not isinstance(function, ast.AsyncFunctionDef) or is_generator(module, function):
        return None
    edits: list[Edit] = [MakeAsync(block)]
    if item.optional_vars is None:
        return edits
    if not isinstance(item.optional_vars, ast.Name):
        return None
    for inner in module.index.scopes[function].loads.get(item.optional_vars.id, ()):
        member = module.parent(inner)
        outer = module.parent(member) if isinstance(member, ast.Attribute) else None
        if not isinstance(member, ast.Attribute) or not isinstance(outer, ast.Call):
            return None
        if member.attr in awaited:
            edits.append(AddAwait(outer))
        elif member.attr not in plain:
            return None
    return edits
