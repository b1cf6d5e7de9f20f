"""Where the templates of a Jinja environment come from."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable
from typing import TypeAlias

from flake8_async_sqla.semantics.engine.text import HOLE, texts
from flake8_async_sqla.semantics.files.source import decode, inside, kind_of, read_bytes
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.jinja.paths import directories, file_path
from flake8_async_sqla.semantics.jinja.tokens import MAX_SIZE
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.types import Instance

Loader: TypeAlias = Callable[[str], "str | None"]

ENVIRONMENTS = frozenset(
    {
        "jinja2.Environment", "jinja2.environment.Environment", "jinja2.nativetypes.NativeEnvironment",
        "jinja2.sandbox.SandboxedEnvironment",
    }
)  # fmt: skip
TEMPLATES = frozenset({"starlette.templating.Jinja2Templates", "fastapi.templating.Jinja2Templates"})
MAX_HOPS = 10
_WHITE_SPACE = frozenset({"inspect.cleandoc", "textwrap.dedent"})
_SYNTAX = ("string", "prefix")


def environment_loader(module: Module, node: ast.expr) -> Loader | None:
    """Find what loads the templates of an environment, or of a ``Jinja2Templates``.

    Args:
        module: The module that holds the expression.
        node: The expression.
    """
    if isinstance(node, ast.Attribute) and node.attr == "env" and is_instance(module, node.value, TEMPLATES):
        node = node.value
    kind = module.type_of(node)
    if not isinstance(kind, Instance) or kind.origin is None:
        return None
    made, call = kind.origin.module, kind.origin.call
    if any(keyword.arg is None or keyword.arg.endswith(_SYNTAX) for keyword in call.keywords):
        return None
    if kind.cls in TEMPLATES:
        if (environment := argument(call, "env")) is not None:
            return environment_loader(made, environment)
        folder = argument(call, "directory", 0)
        return _folders(made, folder) if folder is not None else None
    loader = argument(call, "loader")
    return _loader(made, loader) if kind.cls in ENVIRONMENTS and loader is not None else None


def is_instance(module: Module, node: ast.expr, classes: frozenset[str]) -> bool:
    """Tell whether an expression is an object of one of some classes."""
    kind = module.type_of(node)
    return isinstance(kind, Instance) and kind.cls in classes


def _loader(module: Module, node: ast.expr) -> Loader | None:
    kind = module.type_of(node)
    if not isinstance(kind, Instance) or kind.origin is None or not kind.cls.startswith("jinja2."):
        return None
    made, call = kind.origin.module, kind.origin.call
    name = kind.cls.rpartition(".")[2]
    if name == "DictLoader":
        mapping = argument(call, "mapping", 0)
        return _dictionary(made, mapping) if mapping is not None else None
    if name == "FileSystemLoader":
        folder = argument(call, "searchpath", 0)
        return _folders(made, folder) if folder is not None else None
    if name == "PackageLoader":
        return _package(made, call)
    if name == "ChoiceLoader":
        return _choice(made, argument(call, "loaders", 0))
    return None


def _choice(module: Module, loaders: ast.expr | None) -> Loader | None:
    listed = [_loader(module, item) for item in loaders.elts] if isinstance(loaders, (ast.List, ast.Tuple)) else []
    known = [loader for loader in listed if loader is not None]
    if not known or len(known) != len(listed):
        return None
    return lambda name: next((found for loader in known if (found := loader(name)) is not None), None)


def _package(module: Module, call: ast.Call) -> Loader | None:
    package, folder = argument(call, "package_name", 0), argument(call, "package_path", 1)
    name = file_path(module, package) if package is not None else None
    below = file_path(module, folder) if folder is not None else "templates"
    path = module.project.find(name, module.path) if name else None
    if path is None or below is None:
        return None
    place = os.path.dirname(path) if path.endswith(".py") else path
    return lambda name: _one([os.path.join(place, below)], name, module)


def _folders(module: Module, node: ast.expr) -> Loader | None:
    if isinstance(node, ast.Name):
        holder, binding = definition(module, node, module.scope_of(node))
        if binding is not None and isinstance(binding.value, (ast.List, ast.Tuple)):
            module, node = holder, binding.value
    nodes = node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]
    paths = [file_path(module, item) for item in nodes]
    known = [directories(module, path) for path in paths if path is not None]
    if len(known) != len(nodes):
        return None
    return lambda name: next((found for places in known if (found := _one(places, name, module)) is not None), None)


def beside(module: Module, folder: str) -> Loader:
    """Load templates from a folder beside the module or above it."""
    return lambda name: _one(directories(module, folder), name, module)


def _one(places: list[str], name: str, module: Module) -> str | None:
    """Read a template of which there is one only among some directories."""
    paths = {os.path.normpath(os.path.join(place, name)) for place in places}
    found = [path for path in paths if inside(path, module.project.root) and kind_of(path) == "file"]
    return _read(found[0]) if len(found) == 1 else None


def _read(path: str) -> str | None:
    data = read_bytes(path)
    return decode(data) if data is not None and len(data) <= MAX_SIZE else None


def _dictionary(module: Module, node: ast.expr) -> Loader | None:
    if isinstance(node, (ast.Name, ast.Attribute)):
        module, binding = definition(module, node, module.scope_of(node))
        node = binding.value if binding is not None and binding.value is not None else node
    if not isinstance(node, ast.Dict):
        return None
    items = {
        name: value
        for key, value in zip(node.keys, node.values, strict=True)
        if key is not None and (name := written(module, key)) is not None
    }
    return lambda name: written(module, items[name]) if name in items else None


def written(module: Module, node: ast.expr) -> str | None:
    """Return the one text that an expression certainly says; what only changes white space is left out."""
    for _ in range(MAX_HOPS):
        if isinstance(node, (ast.Name, ast.Attribute)):
            holder, binding = definition(module, node, module.scope_of(node))
            if binding is None or not isinstance(binding.value, ast.Call):
                break
            module, node = holder, binding.value
        elif not isinstance(node, ast.Call):
            break
        elif callee(module, node) in _WHITE_SPACE and len(node.args) == 1:
            node = node.args[0]
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "strip" and not node.args:
            node = node.func.value
        else:
            break
    found = texts(module, node)
    whole = len(found.known) == 1 and not found.rebound and HOLE not in found.known[0].value
    return found.known[0].value if whole else None


def template_class(module: Module, call: ast.Call) -> bool:
    """Tell whether a call makes a ``jinja2.Template`` of its text."""
    plain = not any(keyword.arg is None or keyword.arg.endswith(_SYNTAX) for keyword in call.keywords)
    return plain and callee(module, call) in ("jinja2.Template", "jinja2.environment.Template")
