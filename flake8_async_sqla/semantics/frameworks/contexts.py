"""GraphQL resolvers that find one session in the context of a request, and run at the same time."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.inference.members import fact
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.objects.identities import is_shared_type
from flake8_async_sqla.semantics.types import External, Function, Instance, ProjectClass

_TYPES = frozenset({"strawberry.type", "strawberry.interface"})
_FIELDS = frozenset({"strawberry.field"})
_INFO = frozenset({"strawberry.Info", "strawberry.types.Info", "strawberry.types.info.Info"})


def shared_in_context(module: Module, node: ast.ClassDef) -> Iterator[tuple[ast.Subscript, str]]:
    """Yield the places where several resolvers of a class take one session out of the context, with its key."""
    if not any(_path(module, decorator) in _TYPES for decorator in node.decorator_list):
        return
    by_key: dict[str, list[tuple[ast.AsyncFunctionDef, ast.Subscript]]] = {}
    for method in node.body:
        if isinstance(method, ast.AsyncFunctionDef) and _is_resolver(module, method):
            for place, key in _reads(module, method):
                by_key.setdefault(key, []).append((method, place))
    for key, places in by_key.items():
        if len({method for method, _ in places}) > 1 and _holds_session(module, node, key):
            yield from ((place, key) for _, place in places)


def _path(module: Module, decorator: ast.expr) -> str:
    kind = module.type_of(uncalled(decorator))
    return kind.path if isinstance(kind, External) else ""


def _is_resolver(module: Module, method: ast.AsyncFunctionDef) -> bool:
    return any(_path(module, decorator) in _FIELDS for decorator in method.decorator_list)


def _reads(module: Module, method: ast.AsyncFunctionDef) -> Iterator[tuple[ast.Subscript, str]]:
    """Yield where a resolver calls a session's coroutine on ``info.context["key"]``."""
    for call in own_nodes(module, method, ast.Call):
        func = call.func if isinstance(call, ast.Call) else None
        holder = func.value if isinstance(func, ast.Attribute) else None
        if isinstance(holder, ast.Name):
            found = module.scope_of(holder).lookup(holder.id)
            holder = found[1][0].value if found is not None and len(found[1]) == 1 else None
        if not isinstance(holder, ast.Subscript) or not isinstance(holder.slice, ast.Constant):
            continue
        known = fact("sqlalchemy.ext.asyncio.AsyncSession", func.attr) if isinstance(func, ast.Attribute) else None
        if known is not None and known.kind == "coroutine" and _is_context(module, holder.value):
            yield holder, str(holder.slice.value)


def _is_context(module: Module, node: ast.expr) -> bool:
    if not isinstance(node, ast.Attribute) or node.attr != "context":
        return False
    info = module.type_of(node.value)
    return isinstance(info, Instance) and info.cls in _INFO


def _holds_session(module: Module, node: ast.ClassDef, key: str) -> bool:
    """Tell whether the project puts a session, and nothing else, under a key of the context; not for mutations."""
    values: list[bool] = []
    for place in [module, *importers(module)]:
        if "context_" not in place.text and "mutation" not in place.text:
            continue
        for scope in list(place.index.scopes.values()):
            for call in scope.nodes:
                if not isinstance(call, ast.Call):
                    continue
                mutation = argument(call, "mutation")
                if mutation is not None and place.type_of(mutation) == ProjectClass(module, node):
                    return False
                values.extend(_given(place, call, key))
    return bool(values) and all(values)


def _given(place: Module, call: ast.Call, key: str) -> Iterator[bool]:
    """Say for each context that a call gives to a schema whether a session is under a key of it."""
    contexts = [argument(call, "context_value")]
    getter = place.type_of(argument(call, "context_getter"))
    home = place
    if isinstance(getter, Function):
        home = getter.module
        contexts = [found.value for found in own_nodes(home, getter.node, ast.Return)]  # type: ignore[attr-defined]
    for context in contexts:
        if isinstance(context, ast.Dict):
            for name, value in zip(context.keys, context.values, strict=True):
                if isinstance(name, ast.Constant) and name.value == key:
                    yield is_shared_type(home.type_of(value))
