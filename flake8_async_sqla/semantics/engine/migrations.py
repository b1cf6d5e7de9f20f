"""Alembic's files in a project: environments (``env.py``), versions, and ``alembic.ini``."""

from __future__ import annotations

import ast
import configparser
import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from flake8_async_sqla.semantics.files.source import kind_of, look_below, python_files, read
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.inference.infer import called_function, callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External, FunctionNode, Member

_RUNNERS = frozenset({"anyio.run", "asyncio.run", "uvloop.run"})
_STEPS = ("upgrade", "downgrade")
_CONTEXT = frozenset({"alembic.context.configure", "alembic.context.run_migrations"})
_OWN_WAY = ("get_running_loop", "is_running", "nest_asyncio", "hread", "except RuntimeError", "except Exception")
_FOLDERS = re.compile(r"[/\\:.]")


def calls(module: Module) -> Iterator[ast.Call]:
    """Yield all calls of a module."""
    for scope in list(module.index.scopes.values()):
        for node in scope.nodes:
            if isinstance(node, ast.Call):
                yield node


def mentions_alembic(module: Module) -> bool:
    """Tell whether a module's text names Alembic; cheaper than asking for types."""
    return module.cached("alembic", lambda: "alembic" in module.text)


def is_environment(module: Module) -> bool:
    """Tell whether a module is an ``env.py``: it configures Alembic's context or runs its migrations."""

    def find() -> bool:
        found = (call for call in calls(module) if getattr(call.func, "attr", "") in ("configure", "run_migrations"))
        return any(callee(module, call) in _CONTEXT for call in found)

    return mentions_alembic(module) and bool(module.cached("environment", find))


def is_version(module: Module) -> bool:
    """Tell whether a module is a migration: it names its revision and the one before it, and imports Alembic."""
    names = module.index.top.names
    return "revision" in names and "down_revision" in names and mentions_alembic(module)


def steps(module: Module) -> list[FunctionNode]:
    """List the functions of a migration that Alembic calls."""
    if not is_version(module):
        return []
    found = (binding.node for name in _STEPS for binding in module.index.top.names.get(name, ()))
    return [node for node in found if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def environments(module: Module) -> list[Module]:
    """List the ``env.py`` files that a module's migrations may run under: the nearest one upwards, or else all."""
    directory, root = os.path.dirname(module.path), module.project.root
    while directory.startswith(root):
        near = _environment(module, os.path.join(directory, "env.py"))
        if near is not None and near != module:
            return [near]
        if directory == root:
            break
        directory = os.path.dirname(directory)
    return all_environments(module)


def all_environments(module: Module) -> list[Module]:
    """List the ``env.py`` files of the project."""
    project = module.project
    look_below(project.root)
    if project.environments is None:
        project.environments = [path for path in python_files(project.root) if os.path.basename(path) == "env.py"]
    found = (_environment(module, path) for path in project.environments)
    return [other for other in found if other is not None]


def _environment(module: Module, path: str) -> Module | None:
    loaded = module.project.load(path) if kind_of(path) == "file" else None
    return loaded if loaded is not None and is_environment(loaded) else None


def runs_loop(module: Module, call: ast.Call) -> bool:
    """Tell whether a call runs an event loop in its thread: ``asyncio.run()``, ``loop.run_until_complete()``."""
    kind = module.type_of(call.func)
    if isinstance(kind, Member):
        return kind.name == "run_until_complete" and kind.cls == "asyncio.AbstractEventLoop"
    return isinstance(kind, External) and kind.path in _RUNNERS


def starts_loop(environment: Module) -> bool:
    """Tell whether running the migrations online certainly runs an event loop in the caller's thread."""
    text = environment.text
    if any(word in text for word in _OWN_WAY):
        return False
    found = [call for call in calls(environment) if runs_loop(environment, call)]
    return any(environment.function(call) is None or _called_at_once(environment, call) for call in found)


def takes_connection(environment: Module) -> bool:
    """Tell whether an ``env.py`` looks for a connection that its caller may hand over."""
    return ".attributes" in environment.text


def _called_at_once(environment: Module, call: ast.Call) -> bool:
    function = environment.function(call)
    return isinstance(function, ast.FunctionDef) and runs_at_once(environment, function)


def runs_at_once(environment: Module, function: FunctionNode) -> bool:
    """Tell whether a function is called while its module is imported."""
    outer = (call for call in calls(environment) if environment.function(call) is None)
    return any(
        found is not None and found.node is function for call in outer for found in [called_function(environment, call)]
    )


def config_method(module: Module, node: ast.expr | None) -> str:
    """Name the method of Alembic's configuration that an expression calls; empty for anything else."""
    kind = module.type_of(node.func) if isinstance(node, ast.Call) else None
    if isinstance(kind, External) and kind.path.startswith("alembic."):
        holder, _, name = kind.path.rpartition(".")
        return name if holder.endswith(".config") else ""
    return kind.name if isinstance(kind, Member) and kind.cls == "alembic.config.Config" else ""


class Setting(NamedTuple):
    """A value of ``alembic.ini``.

    Attributes:
        value: The value.
        place: File and line, below the project root.
    """

    value: str
    place: str


def ini_setting(environment: Module, name: str, *, section: str = "alembic") -> Setting | None:
    """Read a setting of the ``alembic.ini`` that names an environment as its script location.

    Args:
        environment: The ``env.py``.
        name: The setting, as ``sqlalchemy.url``.
        section: The section that holds it.
    """
    folder = os.path.dirname(environment.path)
    directory, root = folder, environment.project.root
    while directory.startswith(root):
        path = os.path.join(directory, "alembic.ini")
        if kind_of(path) == "file":
            found = _ini(path)
            location = found.get("alembic", {}).get("script_location", "")
            values = found.get(section, {})
            if _FOLDERS.split(location.rstrip("/"))[-1] != os.path.basename(folder) or name not in values:
                return None
            line = _line(path, section, name)
            return Setting(values[name], f"{os.path.relpath(path, root)}:{line}".replace(os.sep, "/"))
        if directory == root:
            break
        directory = os.path.dirname(directory)
    return None


def _ini(path: str) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(read(path))
    except configparser.Error:
        return {}
    return {section: dict(parser[section]) for section in parser.sections()}


def _line(path: str, section: str, name: str) -> int:
    inside = False
    for number, line in enumerate(read(path).splitlines(), 1):
        if line.startswith("["):
            inside = line.startswith(f"[{section}]")
        elif inside and line.startswith(name):
            return number
    return 1


def awaits(module: Module, function: FunctionNode) -> bool:
    """Tell whether a function awaits anything."""
    if next(own_nodes(module, function, ast.Await, ast.AsyncWith, ast.AsyncFor), None) is not None:
        return True
    loops = own_nodes(module, function, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    return any(part.is_async for loop in loops for part in loop.generators)  # type: ignore[attr-defined]
