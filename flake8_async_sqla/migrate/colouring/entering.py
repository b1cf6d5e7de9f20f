"""Classes with ``__enter__`` and ``__exit__``, which become ``__aenter__`` and ``__aexit__``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.migrate.colouring.references import Reference
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.project import Sources, nodes
from flake8_async_sqla.semantics.inference.classes import class_attribute
from flake8_async_sqla.semantics.types import Function, ProjectClass, ProjectInstance

ENTERING, LEAVING = "__enter__", "__exit__"
ASYNCHRONOUS = {ENTERING: "__aenter__", LEAVING: "__aexit__"}
_STACKED = frozenset({"enter_context", "push"})


def protocol(cls: ProjectClass) -> tuple[Function, Function] | None:
    """Return the methods by which ``with`` enters and leaves an instance, if both are the project's."""
    entering, leaving = (class_attribute(cls, name, ProjectInstance(cls)) for name in ASYNCHRONOUS)
    return (entering, leaving) if isinstance(entering, Function) and isinstance(leaving, Function) else None


def protocols(sources: Sources) -> Iterator[tuple[Function, Function]]:
    """Yield the methods by which ``with`` enters and leaves instances of each class."""
    for module in sources.modules:
        for node in nodes(module, ast.ClassDef):
            if isinstance(node, ast.ClassDef) and (found := protocol(ProjectClass(module, node))) is not None:
                yield found


def entries(kinds: Kinds, sources: Sources) -> Iterator[tuple[Function, Reference]]:
    """Yield where instances of the project's classes are entered, with the method that does it.

    Args:
        kinds: Types.
        sources: The modules that may be changed.
    """
    for module in sources.modules:
        for node in nodes(module, ast.With, ast.Call):
            stacked = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _STACKED
            values = node.args if isinstance(node, ast.Call) and stacked else []
            for value in [item.context_expr for item in node.items] if isinstance(node, ast.With) else values:
                kind = kinds.of(module, value)
                found = protocol(kind.cls) if isinstance(kind, ProjectInstance) else None
                if found is not None:
                    yield found[0], Reference(module, value, "enter" if isinstance(node, ast.With) else "passed")
