"""Workers of arq: the functions that the class of their settings lists, and what these are for."""

from __future__ import annotations

import ast
import re

from flake8_async_sqla.semantics.module import Module

_ARQ = re.compile(r"^\s*(?:(?:from|import) arq\b|class WorkerSettings\b)", re.MULTILINE)


def is_of_worker(module: Module) -> bool:
    """Tell whether a module has to do with a worker of arq: it imports arq, or has the settings of a worker."""
    return module.cached("arq", lambda: _ARQ.search(module.text) is not None)


def setting(module: Module, use: ast.expr) -> str:
    """Return the setting of a worker that names a function: ``functions = [send_mail]``; empty if none does.

    Args:
        module: The module of the use.
        use: Where the function is named.
    """
    listed = module.parent(use)
    statement = module.parent(listed) if isinstance(listed, (ast.List, ast.Tuple)) else listed
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    name = next((target.id for target in targets if isinstance(target, ast.Name)), "")
    if statement is None or not isinstance(module.parent(statement), ast.ClassDef):
        return ""
    return name if is_of_worker(module) else ""
