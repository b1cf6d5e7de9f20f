"""Calls in a result that nobody awaits: of functions that became coroutine functions, and of async sessions."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.inference.twins import TWINS
from flake8_async_sqla.migrate.model import Remark, remark
from flake8_async_sqla.migrate.project import Sources, nodes
from flake8_async_sqla.semantics.inference.functions import is_generator, transparent
from flake8_async_sqla.semantics.inference.members import fact
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import FunctionNode, Member

_TAKING = frozenset(
    {
        "as_completed", "create_task", "ensure_future", "gather", "iscoroutine", "run", "run_coroutine_threadsafe",
        "run_until_complete", "shield", "start_soon", "wait", "wait_for",
    }
)  # fmt: skip
_ASYNC = frozenset(TWINS.values())


def unawaited(kinds: Kinds, sources: Sources, changed: Collection[str], before: Collection[str]) -> Iterator[Remark]:
    """Yield the calls whose coroutine is neither awaited nor handed to what runs it.

    Args:
        kinds: Types.
        sources: The result.
        changed: The files to look at.
        before: Names of functions that were coroutine functions already; what is done with these is not ours.
    """
    for module in sources.modules:
        if module.relative_path in changed:
            for call in nodes(module, ast.Call):
                assert isinstance(call, ast.Call)
                name = _coroutine(kinds, module, call)
                if name and name not in before and not _is_handled(module, call):
                    yield remark(module, call, f"the result does not await {name}()")


def coroutine_functions(source: bytes) -> Iterator[str]:
    """Yield the names of the coroutine functions in a file."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    yield from (node.name for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef))


def _coroutine(kinds: Kinds, module: Module, call: ast.Call) -> str:
    function = kinds.called(module, call)
    if function is not None:
        return function.node.name if _is_coroutine(function.module, function.node) else ""
    kind = kinds.of(module, call.func)
    if not isinstance(kind, Member) or kind.cls not in _ASYNC:
        return ""
    known = fact(kind.cls, kind.name)
    return kind.name if known is not None and known.kind == "coroutine" else ""


def _is_coroutine(module: Module, node: FunctionNode) -> bool:
    return isinstance(node, ast.AsyncFunctionDef) and not is_generator(module, node) and transparent(module, node)


def _is_handled(module: Module, call: ast.Call) -> bool:
    parent = module.parent(call)
    while isinstance(parent, (ast.IfExp, ast.Starred, ast.List, ast.Tuple, ast.ListComp, ast.GeneratorExp)):
        parent = module.parent(parent)
    if isinstance(parent, (ast.Await, ast.Lambda)):
        return True
    if isinstance(parent, ast.Call):
        name = parent.func.attr if isinstance(parent.func, ast.Attribute) else getattr(parent.func, "id", "")
        return name in _TAKING
    if isinstance(parent, ast.Return):
        return isinstance(module.function(call), ast.FunctionDef)
    if isinstance(parent, (ast.Assign, ast.NamedExpr)):
        target = parent.targets[0] if isinstance(parent, ast.Assign) else parent.target
        return isinstance(target, ast.Name) and _is_awaited_later(module, call, target.id)
    return False


def _is_awaited_later(module: Module, call: ast.Call, name: str) -> bool:
    uses = module.scope_of(call).loads.get(name, ())
    return any(isinstance(module.parent(use), (ast.Await, ast.Starred)) for use in uses)
