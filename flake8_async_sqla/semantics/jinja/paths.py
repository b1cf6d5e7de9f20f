"""File paths that a program writes down: ``Path(__file__).parent / "templates"``."""

from __future__ import annotations

import ast
import os

from flake8_async_sqla.semantics.files.source import inside, kind_of
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition

MAX_HOPS = 20
_JOINING = frozenset({"os.path.join", "pathlib.Path", "pathlib.PurePath"})
_SAME = frozenset({"builtins.str", "os.fspath", "os.path.abspath", "os.path.normpath", "os.path.realpath"})
_SAME_METHODS = frozenset({"absolute", "as_posix", "resolve"})


def file_path(module: Module, node: ast.expr, hops: int = MAX_HOPS) -> str | None:
    """Evaluate an expression that gives a file path; ``None`` if it cannot be seen.

    Args:
        module: The module that holds the expression.
        node: The expression.
        hops: How many names and calls to follow.

    Returns:
        An absolute path, or one that is relative to the working directory.
    """
    if hops <= 0:
        return None
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id="__file__"):
            return module.path
        case ast.Attribute(value=value, attr="parent"):
            below = file_path(module, value, hops - 1)
            return os.path.dirname(below) if below else None
        case ast.Name() | ast.Attribute():
            return _named(module, node, hops - 1)
        case ast.Subscript(value=ast.Attribute(value=value, attr="parents"), slice=ast.Constant(value=int(steps))):
            found = file_path(module, value, hops - 1)
            for _ in range(steps + 1 if 0 <= steps < hops else 0):
                found = os.path.dirname(found) if found else None
            return found
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _joined(module, [left, right], hops - 1)
        case ast.JoinedStr(values=values):
            parts = [part.value if isinstance(part, ast.FormattedValue) else part for part in values]
            texts = [file_path(module, part, hops - 1) for part in parts]
            return "".join(text or "" for text in texts) if all(text is not None for text in texts) else None
        case ast.Call():
            return _called(module, node, hops - 1)
    return None


def _named(module: Module, node: ast.expr, hops: int) -> str | None:
    holder, binding = definition(module, node, module.scope_of(node))
    if binding is None or binding.kind not in ("value", "annotation") or binding.unpack or binding.value is None:
        return None
    return file_path(holder, binding.value, hops)


def _joined(module: Module, nodes: list[ast.expr], hops: int) -> str | None:
    parts = [file_path(module, node, hops) for node in nodes]
    known = [part for part in parts if part is not None]
    return os.path.join(*known) if known and len(known) == len(parts) else None


def _called(module: Module, call: ast.Call, hops: int) -> str | None:
    function = callee(module, call)
    if function in _JOINING:
        return _joined(module, call.args, hops)
    if function in _SAME and len(call.args) == 1:
        return file_path(module, call.args[0], hops)
    if function == "os.path.dirname" and len(call.args) == 1:
        below = file_path(module, call.args[0], hops)
        return os.path.dirname(below) if below else None
    if isinstance(call.func, ast.Attribute) and call.func.attr in _SAME_METHODS and not call.args:
        return file_path(module, call.func.value, hops)
    if isinstance(call.func, ast.Attribute) and call.func.attr == "joinpath":
        return _joined(module, [call.func.value, *call.args], hops)
    return None


def directories(module: Module, path: str) -> list[str]:
    """List the directories of the project that a path may mean.

    A relative one depends on the working directory: the project's root, or one above the module.
    """
    root = module.project.root
    if os.path.isabs(path):
        places = [path]
    else:
        above = [os.path.dirname(module.path)]
        while above[-1] != root and inside(os.path.dirname(above[-1]), root):
            above.append(os.path.dirname(above[-1]))
        places = [os.path.join(place, path) for place in {root: None, **dict.fromkeys(above)}]
    places = [os.path.normpath(place) for place in places]
    return [place for place in places if inside(place, root) and kind_of(place) == "directory"]
