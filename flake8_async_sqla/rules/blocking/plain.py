"""What coroutines that block should do instead: in words, and for FastAPI's endpoints as a fix."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Fix, MakeSync, Refusal, unsafe
from flake8_async_sqla.rules.engine.convert import convert_engine
from flake8_async_sqla.rules.model import Diagnostic
from flake8_async_sqla.semantics.blocking.blocking import BlockingUse, blocking_uses
from flake8_async_sqla.semantics.blocking.event_loops import at_startup
from flake8_async_sqla.semantics.blocking.sync_io import CONNECTION
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.frameworks.callers import uses_of
from flake8_async_sqla.semantics.inference.calls import ENGINE
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.functions import is_generator, own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.origins import engine_origin
from flake8_async_sqla.semantics.subjects import call_subjects
from flake8_async_sqla.semantics.types import Coroutine, External, Generator, Instance, Manager

_ROUTES = frozenset({"api_route", "delete", "get", "head", "options", "patch", "post", "put", "trace"})
_FASTAPI = frozenset({"fastapi.APIRouter", "fastapi.FastAPI"})
_ON_LOOP = ("asyncio.", "anyio.", "trio.", "sniffio.")


def direct_uses(module: Module, node: ast.AsyncFunctionDef, *, of_engine: bool) -> Iterator[BlockingUse]:
    """Yield the IO that a coroutine function does itself: with engines and connections, or else with sessions."""
    if module.project.settings.app != "never":
        for use in blocking_uses(module, node):
            if not use.steps and is_a(use.kind, ENGINE, CONNECTION) is of_engine:
                yield use


def finding(module: Module, node: ast.AsyncFunctionDef, use: BlockingUse, advice: str) -> Diagnostic:
    """Report a use; an endpoint that awaits nothing can become a plain function."""
    endpoint = is_endpoint(module, node)
    plain = "make the endpoint a plain 'def', or " if endpoint and not _needs_loop(module, node) else ""
    at_start = at_startup(module, node)
    what = "stops the event loop while the application starts or ends" if at_start else "blocks the event loop"
    return Diagnostic(
        at=use.at if isinstance(use.at, ast.Call) else use.at.iter,
        message=f"{use.chain} {what}; {plain}{advice}",
        fix=partial(make_plain, module, node, use) if endpoint else None,
    )


def is_endpoint(module: Module, node: ast.AsyncFunctionDef) -> bool:
    """Tell whether FastAPI calls a function for requests: it would run a plain one in its thread pool."""
    return bool(node.decorator_list) and all(_is_route(module, decorator) for decorator in node.decorator_list)


def _is_route(module: Module, decorator: ast.expr) -> bool:
    func = decorator.func if isinstance(decorator, ast.Call) else None
    if not isinstance(func, ast.Attribute) or func.attr not in _ROUTES:
        return False
    holder = module.type_of(func.value)
    return isinstance(holder, Instance) and holder.cls in _FASTAPI


def make_plain(module: Module, node: ast.AsyncFunctionDef, use: BlockingUse) -> Fix | Refusal:
    """Describe how an endpoint becomes a plain function, unless it or somebody who calls it needs a coroutine."""
    if _becomes_async(module, use):
        return Refusal("its engine can become an async one instead (ASQ101)")
    if reason := _needs_loop(module, node):
        return Refusal(reason)
    for place, name in uses_of(module, node):
        call = place.parent(name)
        if isinstance(call, ast.Call):
            return Refusal(f"{place.relative_path}:{call.lineno} uses '{node.name}' as a coroutine function")
    reason = "the endpoint moves to a thread of the pool, where only its session's own thread-safety protects it"
    return unsafe(reason, MakeSync(node))


def _becomes_async(module: Module, use: BlockingUse) -> bool:
    """Tell whether ASQ101 converts the engine behind a use, with this function."""
    made = engine_origin(use.kind)
    if made is None or made.module != module:
        return False
    engines = [found for found in call_subjects(module, made.call) if isinstance(found, EngineCall)]
    return any(isinstance(convert_engine(module, engine), Fix) for engine in engines)


def _needs_loop(module: Module, node: ast.AsyncFunctionDef) -> str:
    """Say why a function must stay a coroutine function; empty if nothing in it needs the event loop."""
    kinds = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.AsyncFunctionDef)
    inner = next((found for found in ast.walk(node) if isinstance(found, kinds) and found is not node), None)
    if inner is not None or any(found.is_async for found in ast.walk(node) if isinstance(found, ast.comprehension)):
        return "the function awaits something"
    if is_generator(module, node):
        return "the function is a generator"
    for call in own_nodes(module, node, ast.Call):
        assert isinstance(call, ast.Call)
        callee, made = module.type_of(call.func), module.type_of(call)
        if isinstance(callee, External) and callee.path.startswith(_ON_LOOP):
            return f"line {call.lineno} needs the event loop"
        if isinstance(made, (Coroutine, Generator, Manager)) and getattr(made, "is_async", True):
            return f"line {call.lineno} makes a coroutine"
    return ""
