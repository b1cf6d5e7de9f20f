"""The synchronous objects inside async ones, and what talks to the database through them."""

from __future__ import annotations

import ast

from flake8_async_sqla.rules.sync_api.objects import is_async_object
from flake8_async_sqla.rules.sync_api.schema import ddl_target
from flake8_async_sqla.semantics.blocking.blocking import arguments, uses
from flake8_async_sqla.semantics.inference.bindings import reaching
from flake8_async_sqla.semantics.inference.calls import SESSION, argument
from flake8_async_sqla.semantics.inference.classes import is_a, kept
from flake8_async_sqla.semantics.inference.infer import attribute_type, callee
from flake8_async_sqla.semantics.inference.members import fact
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import last_name
from flake8_async_sqla.semantics.objects.origins import factory_of, origin_of
from flake8_async_sqla.semantics.types import Function, Member, Type

_IO = {
    "sync_session": frozenset(
        {
            "execute", "scalar", "scalars", "refresh", "get_one", "flush", "commit", "connection", "bulk_save_objects",
            "bulk_insert_mappings", "bulk_update_mappings",
        }
    ),
    "sync_engine": frozenset({"connect", "begin", "raw_connection"}),
    "get_bind": frozenset({"connect", "begin", "raw_connection"}),
    "sync_connection": frozenset({"execute", "scalar", "scalars", "exec_driver_sql", "get_isolation_level"}),
}  # fmt: skip
INNER = tuple(_IO)
"""The attributes that hold them."""
_RUNNING = frozenset(
    {"all", "first", "one", "one_or_none", "scalar", "scalar_one", "count", "get", "delete", "update", "exists"}
)
_ASKING = ("get_", "has_")


def inner_object(module: Module, node: ast.expr | None) -> ast.Attribute | None:
    """Return the ``session.sync_session`` or the like that an expression is, directly or by way of a name."""
    if isinstance(node, ast.Name):
        scope = module.scope_of(node)
        found = scope.lookup(node.id)
        bindings = reaching(module, found[1], node) if found is not None and found[0] is scope else []
        if len(bindings) != 1 or bindings[0].kind not in ("value", "annotation") or bindings[0].unpack:
            return None
        node = bindings[0].value or node
    elif isinstance(node, ast.Attribute) and node.attr not in _IO:
        node = kept(module, node) or node
    if isinstance(node, ast.Call) and last_name(node.func) == "get_bind":
        node = node.func
    if isinstance(node, ast.Attribute) and node.attr in _IO and is_async_object(module.type_of(node.value)):
        return node
    return None


def io_through_inner(module: Module, call: ast.Call) -> tuple[ast.expr, ast.Attribute, str] | None:
    """Find the synchronous object that a call does IO through.

    Returns:
        The expression that stands for the object, the attribute that it comes from, and what does the IO; ``None`` if
        the call does none, or it cannot be told.
    """
    func = call.func
    if isinstance(func, ast.Attribute):
        found = inner_object(module, func.value)
        if found is not None and (func.attr in _IO[found.attr] or (func.attr == "query" and _runs(module, call))):
            return func.value, found, f"{func.attr}()"
        if found is None and func.attr in _IO["sync_session"] and (found := _bound(module.type_of(func.value))):
            return func.value, found, f"{func.attr}()"
    for value, what in _given(module, call):
        if (found := inner_object(module, value)) is not None:
            return value, found, what
    return None


def _bound(session: Type) -> ast.Attribute | None:
    """Return the ``engine.sync_engine`` that a synchronous session, or the factory that made it, is bound to."""
    made = (origin_of(factory_of(session)) or origin_of(session)) if is_a(session, SESSION) else None
    return inner_object(made.module, argument(made.call, "bind", 0)) if made is not None else None


def _given(module: Module, call: ast.Call) -> list[tuple[ast.expr, str]]:
    """List the arguments of a call through which it does IO, with the name of what does it."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if (target := ddl_target(module, call)) is not None:
        return [(target, f"{name}()")]
    if callee(module, call) == "sqlalchemy.inspect":
        subject = argument(call, "subject", 0)
        return [(subject, "inspect()")] if subject is not None and _inspects(module, call, subject) else []
    kind = module.type_of(call.func)
    if isinstance(kind, Function) and isinstance(kind.node, ast.FunctionDef):
        pairs = [pair for pair in arguments(kind, call) if inner_object(module, pair[0]) is not None]
        return [(value, f"{kind.node.name}()") for value, given in pairs if uses(kind, given)]
    return []


def _inspects(module: Module, call: ast.Call, subject: ast.expr) -> bool:
    """Tell whether making an inspector does IO: of an engine itself, of a connection a question asked at once."""
    found = inner_object(module, subject)
    if found is None or found.attr != "sync_connection":
        return found is not None and found.attr in ("sync_engine", "get_bind")
    method = module.parent(call)
    return isinstance(method, ast.Attribute) and method.attr.startswith(_ASKING)


def _runs(module: Module, call: ast.Call) -> bool:
    """Tell whether a query is run at the end of the chain that starts with it."""
    outer: ast.AST | None = call
    name = ""
    while isinstance(outer, ast.Call):
        attribute = module.parent(outer)
        if not isinstance(attribute, ast.Attribute):
            return name in _RUNNING or isinstance(attribute, (ast.For, ast.comprehension))
        name, outer = attribute.attr, module.parent(attribute)
    return False


def awaitable_twin(module: Module, found: ast.Attribute, name: str) -> bool:
    """Tell whether the async object around a synchronous one has a coroutine method of the same name."""
    twin = attribute_type(module, module.type_of(found.value), name)
    known = fact(twin.cls, twin.name) if isinstance(twin, Member) else None
    return known is not None and known.kind == "coroutine"
