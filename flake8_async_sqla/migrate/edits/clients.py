"""Test clients that become ``httpx.AsyncClient``."""

from __future__ import annotations

import ast

from flake8_async_sqla.fixes.vocabulary import Code, ReplaceExpression, ReplaceName, WrapStatements
from flake8_async_sqla.migrate.colouring.clients import Clients
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.model import Plan, remark
from flake8_async_sqla.migrate.project import Sources, loaded, nodes
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import is_class
from flake8_async_sqla.semantics.module import Module

_CLIENT = "httpx.AsyncClient"
_OF_TRANSPORT = {"raise_server_exceptions": "raise_app_exceptions", "root_path": "root_path", "client": "client"}
_DEFAULTS = {"base_url": '"http://testserver"', "follow_redirects": "True"}
_STARTING = frozenset({"lifespan", "on_startup", "on_shutdown"})
_APPLICATIONS = ("fastapi.FastAPI", "starlette.applications.Starlette")


def client_edits(kinds: Kinds, sources: Sources, clients: Clients, plan: Plan) -> None:
    """Plan the clients that a project makes and the annotations that name their class."""
    if not clients.change:
        return
    lifespan = any(_has_lifespan(kinds, module) for module in sources.modules)
    for module in sources.modules:
        for node in loaded(module):
            if not clients.is_class(module, node):
                continue
            call = module.parent(node)
            if isinstance(call, ast.Call) and call.func is node:
                _made(module, call, plan, lifespan=lifespan)
            elif not isinstance(call, ast.ClassDef):
                plan.edit(module, ReplaceName(node, _CLIENT))


def _made(module: Module, call: ast.Call, plan: Plan, *, lifespan: bool) -> None:
    given: dict[str, ast.expr] = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    app = argument(call, "app", 0)
    assert app is not None
    given.pop("app", None)
    transport = [f"{_OF_TRANSPORT[name]}={{{name}}}" for name in given if name in _OF_TRANSPORT]
    parts = [f"{name}={{{name}}}" if name in given else f"{name}={value}" for name, value in _DEFAULTS.items()]
    parts += [f"{name}={{{name}}}" for name in given if name not in _OF_TRANSPORT and name not in _DEFAULTS]
    text = f"{{http}}(transport={{asgi}}({', '.join(['app={app}', *transport])}), {', '.join(parts)})"
    symbols = {"http": _CLIENT, "asgi": "httpx.ASGITransport"}
    plan.edit(module, ReplaceExpression(call, Code(text, {"app": app, **given}, symbols)))
    plan.changes.append(remark(module, call, "TestClient becomes httpx.AsyncClient, in the event loop of the tests"))
    item = module.parent(call)
    block = module.parent(item) if isinstance(item, ast.withitem) else None
    if lifespan and isinstance(block, ast.With) and isinstance(app, ast.Name):
        header = Code(f"async with {app.id}.router.lifespan_context({app.id}):")
        plan.edit(module, WrapStatements(block, block, header))


def _has_lifespan(kinds: Kinds, module: Module) -> bool:
    """Tell whether a module gives an application something to do when it starts or stops."""
    for node in nodes(module, ast.Call):
        assert isinstance(node, ast.Call)
        given = _STARTING & {keyword.arg for keyword in node.keywords}
        if given and is_class(kinds.of(module, node.func), *_APPLICATIONS):
            return True
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("on_event", "add_event_handler"):
            return True
    return False
