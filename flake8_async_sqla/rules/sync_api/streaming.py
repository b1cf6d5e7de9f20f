"""Where execution options ask for a server-side cursor."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.inference.bindings import reaching
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.scopes import Binding
from flake8_async_sqla.semantics.objects.origins import engine_origin
from flake8_async_sqla.semantics.types import Type

OPTIONS = ("yield_per", "stream_results")
MAX_HOPS = 8


def of_call(module: Module, call: ast.Call) -> str | None:
    """Name the option that a call is given itself: ``execution_options={"yield_per": 10}``; empty if it says no."""
    return _in_mapping(module, argument(call, "execution_options"))


def of_statement(module: Module, statement: ast.expr | None) -> str | None:
    """Name the option that a statement carries, through names of its function; empty if it says no."""
    for _ in range(MAX_HOPS):
        if isinstance(statement, ast.Name):
            statement = _value(module, statement)
        elif isinstance(statement, ast.Call) and isinstance(statement.func, ast.Attribute):
            if statement.func.attr == "execution_options" and (found := _in_keywords(module, statement)) is not None:
                return found
            statement = statement.func.value
        else:
            break
    return None


def of_connection(module: Module, call: ast.Call) -> str | None:
    """Name the option that an earlier ``await conn.execution_options(...)`` of the function gave the connection."""
    function, func = module.function(call), call.func
    if function is None or not isinstance(func, ast.Attribute):
        return None
    if isinstance(func.value, ast.Await) and isinstance(func.value.value, ast.Call):
        return _in_keywords(module, func.value.value) if _sets_options(func.value.value) else None
    if not isinstance(func.value, ast.Name):
        return None
    found: str | None = None
    around = list(module.ancestors(call))
    for earlier in own_nodes(module, function, ast.Call):
        if not isinstance(earlier, ast.Call) or not _sets_options(earlier) or earlier.lineno >= call.lineno:
            continue
        assert isinstance(earlier.func, ast.Attribute)
        same = isinstance(earlier.func.value, ast.Name) and earlier.func.value.id == func.value.id
        if same and module.parent(module.statement(earlier)) in around:
            said = _in_keywords(module, earlier)
            found = said if said is not None else found
    return found


def of_engine(receiver: Type) -> str | None:
    """Name the option that the engine behind a session or connection was made with."""
    made = engine_origin(receiver)
    return _in_mapping(made.module, argument(made.call, "execution_options")) if made is not None else None


def _sets_options(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "execution_options"


def _in_keywords(module: Module, call: ast.Call) -> str | None:
    return _first(module, ((keyword.arg, keyword.value) for keyword in call.keywords))


def _in_mapping(module: Module, node: ast.expr | None) -> str | None:
    if isinstance(node, ast.Name):
        node = _value(module, node)
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return _first(module, ((key.value, value) for key, value in pairs if isinstance(key, ast.Constant)))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        return _in_keywords(module, node)
    return None


def _first(module: Module, pairs: Iterator[tuple[object, ast.expr]]) -> str | None:
    """Name the option that is on among pairs; empty if all that are there are off or cannot be told."""
    found = [(str(name), value) for name, value in pairs if name in OPTIONS]
    return next((name for name, value in found if _is_on(module, value)), "") if found else None


def _is_on(module: Module, value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return bool(value.value)
    if not isinstance(value, ast.Name):
        return False
    binding = _binding(module, value)
    if binding is None:
        return False
    if binding.kind == "parameter":
        optional = isinstance(binding.value, ast.Constant) and not binding.value.value
        return isinstance(binding.annotation, ast.Name) and binding.annotation.id == "int" and not optional
    return isinstance(binding.value, ast.Constant) and bool(binding.value.value)


def _value(module: Module, name: ast.Name) -> ast.expr | None:
    binding = _binding(module, name)
    return binding.value if binding is not None and binding.kind in ("value", "annotation") else None


def _binding(module: Module, name: ast.Name) -> Binding | None:
    """Return the only binding that can have given a name its value."""
    scope = module.scope_of(name)
    found = scope.lookup(name.id)
    if found is None:
        return None
    bindings = reaching(module, found[1], name) if found[0] is scope else found[1]
    return bindings[0] if len(bindings) == 1 and not bindings[0].unpack else None
