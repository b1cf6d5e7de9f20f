"""What a test expects to fail: that it does is no mistake."""

from __future__ import annotations

import ast
import builtins

from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import parts

_EXPECTING = frozenset(
    {
        "RaisesExc", "RaisesGroup", "assertRaises", "assertRaisesRegex", "assertWarns", "assertWarnsRegex",
        "expect_deprecated", "expect_raises", "expect_raises_message", "expect_warnings", "raises", "warns",
    }
)  # fmt: skip


# What a coroutine that nobody awaits ends in, and what stands for these.
_FORGOTTEN = frozenset(
    {
        "AttributeError", "BaseException", "Exception", "MissingGreenlet", "RuntimeError", "RuntimeWarning",
        "TypeError", "Warning",
    }
)  # fmt: skip


def expected(module: Module, node: ast.AST, forgotten: bool = False) -> bool:
    """Tell whether a node stands in a block that expects an exception or a warning: ``with pytest.raises(...)``.

    Args:
        module: The module of the node.
        node: The node.
        forgotten: Whether the mistake is an await that is not there: few exceptions come of that.
    """
    blocks = (outer for outer in module.ancestors(node) if isinstance(outer, (ast.With, ast.AsyncWith)))
    managers = (item.context_expr for block in blocks for item in block.items)
    return any(
        getattr(call.func, "attr", getattr(call.func, "id", "")) in _EXPECTING
        and not (forgotten and _expects_others(module, call))
        for call in managers
        if isinstance(call, ast.Call)
    )


def _expects_others(module: Module, call: ast.Call) -> bool:
    """Tell whether all exceptions that a block expects are known, and a forgotten await raises none of them."""
    given = next((item.value for item in call.keywords if item.arg == "expected_exception"), None)
    given = call.args[0] if call.args else given
    classes = parts(given) if given is not None else []
    return bool(classes) and all(_is_other(module, found) for found in classes)


def _is_other(module: Module, node: ast.expr) -> bool:
    """Tell whether a name stands for an exception class by an import, a definition or Python itself."""
    name = getattr(node, "attr", getattr(node, "id", ""))
    while isinstance(node, ast.Attribute):
        node = node.value
    if name in _FORGOTTEN or not isinstance(node, ast.Name):
        return False
    found = module.scope_of(node).lookup(node.id)
    if found is None:
        return isinstance(getattr(builtins, name, None), type)
    return all(
        binding.kind == "class" or (binding.kind == "import" and binding.target.rpartition(":")[2] not in _FORGOTTEN)
        for binding in found[1]
    )
