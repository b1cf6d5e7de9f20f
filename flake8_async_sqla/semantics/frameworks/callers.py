"""Who calls a project function, and whether it runs once per request."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from flake8_async_sqla.facts.frameworks import (
    ADDING_ROUTES,
    BOTS,
    MIDDLEWARES,
    ROUTE_CLASSES,
    ROUTERS_OF_UPDATES,
    UPDATE_DECORATORS,
    VIEWS,
)
from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.frameworks.dependencies import depends_argument, is_depends
from flake8_async_sqla.semantics.frameworks.registrations import application_classes
from flake8_async_sqla.semantics.frameworks.workers import setting
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import is_a, lineage
from flake8_async_sqla.semantics.inference.functions import registers
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.types import (
    External,
    Function,
    FunctionNode,
    Instance,
    ProjectClass,
    ProjectInstance,
    Type,
)

_ROUTES = frozenset(
    {
        "get", "post", "put", "delete", "patch", "head", "options", "trace", "route", "api_route", "websocket",
        "websocket_route", "websocket_listener", "middleware", "before_request", "after_request", "on_request",
        "on_response", "teardown_request",
    }
)  # fmt: skip
_BOTS = ("discord.", "disnake.", "nextcord.")
_ONCE = frozenset({"on_connect", "on_ready"})
ENTERED = ("__aenter__", "__enter__")
MAX_CALLS = 3


def uses_of(module: Module, function: FunctionNode) -> Iterator[tuple[Module, ast.expr]]:
    """Yield the places, in the function's module and in those that import it, that name a function."""
    for place in [module, *importers(module)]:
        if function.name in place.text:
            for use in named(place, function.name):
                kind = place.type_of(use)
                if isinstance(kind, Function) and kind.node is function:
                    yield place, use


def named(place: Module, name: str) -> list[ast.Name | ast.Attribute]:
    """List the reads of a name, of the names that it is imported as, and of attributes of that name."""
    aliases = {name, *place.cached("aliases", lambda: _aliases(place)).get(name, ())}
    attributes = place.cached("attributes", lambda: _attributes(place)).get(name, ())
    return [*(use for alias in sorted(aliases) for use in place.reads(alias)), *attributes]


def _aliases(place: Module) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for scope in place.index.scopes.values():
        for name, bindings in scope.names.items():
            for binding in bindings:
                if (target := binding.target.rpartition(":")[2]) not in ("", name):
                    found.setdefault(target, set()).add(name)
    return found


def _attributes(place: Module) -> dict[str, list[ast.Attribute]]:
    found: dict[str, list[ast.Attribute]] = {}
    for scope in place.index.scopes.values():
        for node in scope.nodes:
            if isinstance(node, ast.Attribute):
                found.setdefault(node.attr, []).append(node)
    return found


def chain_to_request(
    module: Module,
    function: FunctionNode,
    drops: Callable[[Module, ast.expr, FunctionNode], bool],
    depth: int = MAX_CALLS,
) -> list[tuple[Module, FunctionNode]]:
    """Follow the callers of a function to one that a framework calls for each request.

    Args:
        module: The function's module.
        function: The function.
        drops: Tells of a call and the caller that nothing keeps what the call gives.
        depth: How many calls to follow.

    Returns:
        The callers, the handler of the request last, the function itself first; empty if no request is known to run it.
    """
    if handles_requests(module, function):
        return [(module, function)]
    for place, use in _runs_of(module, function):
        if _given_to_framework(place, use):
            return [(module, function)]
        call = place.parent(use)
        made = call if isinstance(call, ast.Call) and call.func is use else use
        if made is use and not _is_property(module, function):
            continue
        caller = place.function(made)
        if caller is not None and caller is not function and depth > 1 and drops(place, made, caller):
            rest = chain_to_request(place, caller, drops, depth - 1)
            if rest:
                return [(module, function), *rest]
    return []


def _runs_of(module: Module, function: FunctionNode) -> Iterator[tuple[Module, ast.expr]]:
    """Yield the places that name what runs a function: itself, its property, or its class that is made or entered."""
    owner = module.parent(function)
    by_class = function.name == "__init__" or function.name in ENTERED
    if not isinstance(owner, ast.ClassDef) or not (by_class or _is_property(module, function)):
        yield from uses_of(module, function)
        return
    cls = ProjectClass(module, owner)
    for place in [module, *importers(module)]:
        if by_class and owner.name in place.text:
            uses = [use for use in named(place, owner.name) if place.type_of(use) == cls]
            yield from ((place, use) for use in uses if function.name == "__init__" or _is_entered(place, use))
        elif not by_class and function.name in place.text:
            for use in named(place, function.name):
                holder = place.type_of(use.value) if isinstance(use, ast.Attribute) else None
                if isinstance(holder, ProjectInstance) and holder.cls == cls:
                    yield place, use


def _is_entered(module: Module, use: ast.expr) -> bool:
    call = module.parent(use)
    return isinstance(call, ast.Call) and call.func is use and isinstance(module.parent(call), ast.withitem)


def _is_property(module: Module, function: FunctionNode) -> bool:
    found = [decorator.id for decorator in function.decorator_list if isinstance(decorator, ast.Name)]
    return found == ["property"]


def _given_to_framework(module: Module, use: ast.expr) -> bool:
    """Tell whether a framework is given a function or class, and runs it for each request or job."""
    if setting(module, use) == "functions" or _injected(module, use):
        return True
    call = module.parent(use)
    if not isinstance(call, ast.Call) or call.func is use:
        return False
    if is_depends(module, call):
        return depends_argument(call) is use
    return _provides(module, call, use) or _adds_route(module, call)


def _injected(module: Module, use: ast.expr) -> bool:
    """Tell whether a class is what ``Depends()`` without an argument makes: ``Annotated[Repository, Depends()]``."""
    from flake8_async_sqla.semantics.frameworks.overrides import depended

    parent = module.parent(use)
    if isinstance(parent, ast.arg) and isinstance(arguments := module.parent(parent), ast.arguments):
        given = [*arguments.defaults, *arguments.kw_defaults]
    else:
        given = [*parent.elts] if isinstance(parent, ast.Tuple) else []
    return any(
        isinstance(call, ast.Call) and is_depends(module, call) and depended(module, call) is use for call in given
    )


def _adds_route(module: Module, call: ast.Call) -> bool:
    """Tell whether a call registers the function that it is given: ``app.router.add_get("/", index)``."""
    path = callee(module, call)
    if path in ROUTE_CLASSES or (path.startswith("aiohttp.web.") and path.rpartition(".")[2] in _ROUTES):
        return True
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in ADDING_ROUTES:
        return False
    holder = call.func.value
    inner = holder.value if isinstance(holder, ast.Attribute) and holder.attr == "router" else holder
    return any(True for _ in application_classes(module.type_of(inner)))


def _provides(module: Module, call: ast.Call, function: ast.expr) -> bool:
    """Tell whether Litestar calls a function for each request that wants what it gives: ``Provide(function)``."""
    cached = argument(call, "use_cache", 1)
    again = cached is None or (isinstance(cached, ast.Constant) and not cached.value)
    return again and argument(call, "dependency", 0) is function and callee(module, call) == "litestar.di.Provide"


def _is_task(kind: Type, name: str) -> bool:
    """Tell whether ``broker.task`` makes a function one that a worker of taskiq or Celery runs for each message."""
    cls = kind.cls if isinstance(kind, Instance) else ""
    return name == "task" and (cls.startswith("taskiq") or cls in ("celery.Celery", "celery.app.Celery"))


def handles_requests(module: Module, function: FunctionNode) -> bool:
    """Tell whether a framework calls a function for each request or message: a route, middleware, handler ..."""
    for decorator in function.decorator_list:
        target = uncalled(decorator)
        kind = module.type_of(target)
        if isinstance(kind, External):
            if kind.path in ("celery.shared_task", "dramatiq.actor"):
                return True
            last = kind.path.rpartition(".")[2]
            if kind.path.startswith("litestar.") and last in _ROUTES:
                return True
            if kind.path == "aiohttp.web.middleware":
                return True
            if kind.path.startswith(_BOTS) and last in UPDATE_DECORATORS and function.name not in _ONCE:
                return True
        if isinstance(target, ast.Attribute):
            if target.attr in _ROUTES and registers(module, decorator):
                return True
            if _is_task(module.type_of(target.value), target.attr):
                return True
            if _handles_updates(module.type_of(target.value), target.attr) and function.name not in _ONCE:
                return True
    holder = module.parent(function)
    if isinstance(holder, ast.ClassDef) and (function.name in MIDDLEWARES.values() or function.name in _ROUTES):
        bases = [str(base) for base in lineage(ProjectClass(module, holder))]
        return any(
            MIDDLEWARES.get(base) == function.name or (base in VIEWS and function.name in _ROUTES) for base in bases
        )
    return False


def _handles_updates(holder: Type, decorator: str) -> bool:
    """Tell whether a decorator of a bot or its router registers a function that runs again and again."""
    if is_a(holder, *ROUTERS_OF_UPDATES):
        return "startup" not in decorator and "shutdown" not in decorator
    return decorator in UPDATE_DECORATORS and is_a(holder, *BOTS)
