"""factory_boy's factories, which add what they make to a synchronous session."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.migrate.colouring.operations import Operation, is_view
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.project import home, nodes
from flake8_async_sqla.semantics.inference.calls import SESSION
from flake8_async_sqla.semantics.inference.classes import is_a, is_class
from flake8_async_sqla.semantics.module import Module

_FACTORY = "factory.alchemy.SQLAlchemyModelFactory"
_MAKING = ("create", "create_batch")
_REASON = "factory_boy works with a synchronous session: call the factory where an AsyncSession can run_sync() it"


def factory_operations(kinds: Kinds, module: Module) -> Iterator[Operation]:
    """Yield the calls of factories, and the sessions that are given to them."""
    for call in nodes(module, ast.Call):
        assert isinstance(call, ast.Call)
        if not _makes(kinds, module, call) or _runs_in_run_sync(module, call):
            continue
        session = _session(kinds, module, call)
        if session is None:
            yield Operation(module, call, "refused", ast.unparse(call.func), reason=_REASON)
        else:
            yield Operation(module, call, "run_sync", ast.unparse(call.func), session)
    for node in nodes(module, ast.Assign):
        assert isinstance(node, ast.Assign)
        target = node.targets[0]
        given = isinstance(target, ast.Attribute) and target.attr == "sqlalchemy_session"
        if given and is_a(kinds.of(module, node.value), SESSION) and not is_view(node.value):
            yield Operation(module, node, "sync_view", "sqlalchemy_session", node.value)


def _makes(kinds: Kinds, module: Module, call: ast.Call) -> bool:
    func = call.func
    made = func.value if isinstance(func, ast.Attribute) and func.attr in _MAKING else func
    return is_class(kinds.of(module, made), _FACTORY)


def _runs_in_run_sync(module: Module, call: ast.Call) -> bool:
    """Tell whether a lambda that is given to ``run_sync()`` makes the call."""
    scope = home(module, call)
    given = module.parent(scope.node) if scope.kind == "lambda" else None
    return isinstance(given, ast.Call) and isinstance(given.func, ast.Attribute) and given.func.attr == "run_sync"


def _session(kinds: Kinds, module: Module, call: ast.Call) -> ast.expr | None:
    """Find a session that the function holds which calls a factory."""
    scope = home(module, call)
    uses = (use for found in scope.loads.values() for use in found)
    return next((use for use in uses if is_a(kinds.of(module, use), SESSION)), None)
