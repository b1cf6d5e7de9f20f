"""Ask the analysis for the types and texts of expressions, as ``reveal(expression)`` marks them."""

from __future__ import annotations

import ast
from pathlib import Path

from flake8_async_sqla.semantics.engine.text import HOLE, texts
from flake8_async_sqla.semantics.files.project import Project
from flake8_async_sqla.semantics.inference.infer import infer
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.settings import Settings
from flake8_async_sqla.semantics.types import (
    Container,
    Coroutine,
    External,
    Function,
    Generator,
    Instance,
    Manager,
    NoneValue,
    Package,
    ProjectClass,
    ProjectInstance,
    ProjectModule,
    Type,
)


def load(folder: Path, files: dict[str, str], name: str = "app.py") -> Module:
    """Write the files of a project, each of them one that matters to the analysis, and read one."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"{content}\n# sqlalchemy\n", encoding="utf-8")
    module = Project(str(folder), Settings()).load(str(folder / name))
    assert module is not None
    return module


def revealed(module: Module) -> list[ast.expr]:
    """List the expressions inside ``reveal()``, in the order of the source."""
    calls = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    calls = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "reveal"]
    return [call.args[0] for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset))]


def reveal(module: Module) -> list[str]:
    """Describe the types of the marked expressions."""
    return [described(module.type_of(node)) for node in revealed(module)]


def reveal_texts(module: Module) -> list[list[str] | None]:
    """List what the marked expressions may say, with ``_`` for holes; None where something else may replace it."""
    found = [texts(module, node) for node in revealed(module)]
    return [None if one.rebound else [text.value.replace(HOLE, "_") for text in one.known] for one in found]


def evaluated(module: Module, code: str) -> str:
    """Describe the type of an expression at the end of a module."""
    return described(infer(module, ast.parse(code, mode="eval").body, module.index.top))


def described(kind: Type) -> str:
    """Write a type down in a few characters; ``?`` for an unknown one."""
    match kind:
        case External(path):
            return path
        case Instance(cls=cls):
            return f"{cls}()"
        case ProjectClass(module=module, node=node):
            return f"{module.relative_path}:{node.name}"
        case ProjectInstance(cls=cls):
            return f"{described(cls)}()"
        case Function(module=module, node=node):
            return f"{module.relative_path}:{node.name}"
        case ProjectModule(module=module):
            return module.relative_path
        case Package():
            return "package"
        case Coroutine(result=result):
            return f"coroutine of {described(result)}"
        case Manager(result=result, is_async=is_async):
            return f"{'async ' if is_async else ''}manager of {described(result)}"
        case Generator(item=item, is_async=is_async):
            return f"{'async ' if is_async else ''}generator of {described(item)}"
        case Container(item=item):
            return f"container of {described(item)}"
        case NoneValue():
            return "None"
    return "?"
