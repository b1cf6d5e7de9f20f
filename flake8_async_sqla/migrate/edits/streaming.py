"""Results that come in portions: ``yield_per`` asks for a server-side cursor, which asyncio reads by ``stream()``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.fixes.vocabulary import AddAwait, Code, MakeAsync, ReplaceExpression
from flake8_async_sqla.migrate.colouring.operations import Operation
from flake8_async_sqla.migrate.model import Plan
from flake8_async_sqla.semantics.module import Module

_STREAMS = {"scalars": "stream_scalars", "execute": "stream"}
_PORTIONS = "yield_per"


def streaming(operation: Operation, call: ast.Call, plan: Plan) -> bool:
    """Plan a call that gives its rows in portions.

    Args:
        operation: The operation.
        call: Its call.
        plan: Where the edits go.

    Returns:
        Whether it is one.
    """
    module, method = operation.module, stream_method(operation, call)
    if not method or not isinstance(call.func, ast.Attribute):
        return False
    loop = module.parent(call)
    generator = isinstance(module.parent(loop), ast.GeneratorExp) if loop is not None else False
    if not isinstance(loop, (ast.For, ast.comprehension)) or loop.iter is not call or generator:
        plan.refuse(module, call, f"{operation.name}() with yield_per gives its rows in portions: iterate it in place")
        return True
    code = Code(f"{{holder}}.{method}", {"holder": call.func.value})
    plan.edit(module, ReplaceExpression(call.func, code), AddAwait(call), MakeAsync(loop))
    return True


def stream_method(operation: Operation, call: ast.Call) -> str:
    """Name the method that gives rows in portions where a call asks for them; empty where it does not.

    Args:
        operation: The operation.
        call: Its call.
    """
    name = operation.name.rpartition(".")[2]
    return _STREAMS[name] if name in _STREAMS and _in_portions(operation.module, call) else ""


def _in_portions(module: Module, call: ast.Call) -> bool:
    return any(
        (isinstance(node, ast.keyword) and node.arg == _PORTIONS)
        or (
            isinstance(node, ast.Dict)
            and any(isinstance(key, ast.Constant) and key.value == _PORTIONS for key in node.keys)
        )
        for value in _statements(module, call)
        for node in ast.walk(value)
    )


def _statements(module: Module, call: ast.Call) -> Iterator[ast.expr]:
    for value in [*call.args, *(keyword.value for keyword in call.keywords)]:
        yield value
        held = module.scope_of(value).lookup(value.id) if isinstance(value, ast.Name) else None
        for binding in held[1] if held is not None else ():
            if binding.value is not None and binding.kind in ("value", "annotation"):
                yield binding.value
