"""Mocks in tests: they follow the classes whose place they take."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.fixes.vocabulary import AddKeyword, Code, ReplaceExpression, ReplaceInString, ReplaceName
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.model import Plan
from flake8_async_sqla.migrate.project import Sources, nodes
from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External

_PATCHING = ("patch", "setattr")
_MOCKS = frozenset({"unittest.mock.MagicMock", "mock.MagicMock"})
_ENTERING = {"__enter__": "__aenter__", "__exit__": "__aexit__"}


def mock_edits(kinds: Kinds, sources: Sources, plan: Plan) -> None:
    """Plan the targets of patches and the mocks that they put there.

    Args:
        kinds: Types.
        sources: The modules that may be changed.
        plan: What is planned already, the new names above all; takes the edits.
    """
    names = [(module, _new_names(module, plan)) for module in sources.modules if module in plan.edits]
    for module in sources.modules:
        for call, target in _patches(module) if is_test(module) else ():
            old = str(target.value)
            path, _, name = old.rpartition(".")
            symbol = next((new[name] for other, new in names if name in new and _is_path(other, path)), "")
            if symbol:
                plan.edit(module, ReplaceInString(target, old, f"{path}.{symbol.rpartition('.')[2]}"))
                _mock(kinds, module, argument(call, "return_value"), symbol, plan)


def _new_names(module: Module, plan: Plan) -> dict[str, str]:
    """Map each imported name that gives way to another to what is imported instead."""
    found = [edit for edit in plan.edits[module] if isinstance(edit, ReplaceName) and isinstance(edit.node, ast.Name)]
    top = module.index.top.names
    imported = {name for name, bindings in top.items() if all(binding.kind == "import" for binding in bindings)}
    return {edit.node.id: edit.symbol for edit in found if isinstance(edit.node, ast.Name) and edit.node.id in imported}


def _patches(module: Module) -> Iterator[tuple[ast.Call, ast.Constant]]:
    """Yield the calls that put something in the place of what a string names, and the string."""
    for call in nodes(module, ast.Call):
        assert isinstance(call, ast.Call)
        target = call.args[0] if call.args else None
        last = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if last in _PATCHING and isinstance(target, ast.Constant) and isinstance(target.value, str):
            yield call, target


def _is_path(module: Module, path: str) -> bool:
    """Tell whether a dotted path names a module, seen from its directory or one above."""
    own = module.relative_path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return bool(path) and f".{own}".endswith(f".{path}")


def _mock(kinds: Kinds, module: Module, given: ast.expr | None, symbol: str, plan: Plan) -> None:
    """Let a mock that stands for an object tell coroutine functions from others."""
    if not isinstance(given, ast.Name):
        return
    scope = module.scope_of(given)
    bindings = scope.names.get(given.id, [])
    made = bindings[0].value if len(bindings) == 1 else None
    kind = kinds.of(module, made.func) if isinstance(made, ast.Call) else None
    if not isinstance(made, ast.Call) or not isinstance(kind, External) or kind.path not in _MOCKS:
        return
    if not made.args and not made.keywords:
        plan.edit(module, AddKeyword(made, "spec", Code("{cls}", symbols={"cls": symbol})))
    for use in scope.loads.get(given.id, ()):
        outer = module.parent(use)
        if isinstance(outer, ast.Attribute) and outer.attr in _ENTERING:
            code = Code(f"{{mock}}.{_ENTERING[outer.attr]}", {"mock": use})
            plan.edit(module, ReplaceExpression(outer, code))
