"""What a test expects to fail: that it does is no mistake."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.module import Module

_EXPECTING = frozenset(
    {
        "RaisesExc", "RaisesGroup", "assertRaises", "assertRaisesRegex", "assertWarns", "assertWarnsRegex",
        "expect_deprecated", "expect_raises", "expect_raises_message", "expect_warnings", "raises", "warns",
    }
)  # fmt: skip


def expected(module: Module, node: ast.AST) -> bool:
    """Tell whether a node stands in a block that expects an exception or a warning: ``with pytest.raises(...)``."""
    blocks = (outer for outer in module.ancestors(node) if isinstance(outer, (ast.With, ast.AsyncWith)))
    managers = (item.context_expr for block in blocks for item in block.items)
    called = (manager.func for manager in managers if isinstance(manager, ast.Call))
    return any(getattr(func, "attr", getattr(func, "id", "")) in _EXPECTING for func in called)
