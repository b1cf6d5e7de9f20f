"""Calls of Alembic's commands, and the ``env.py`` that they run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from flake8_async_sqla.semantics.engine.migrations import (
    all_environments,
    mentions_alembic,
    starts_loop,
    takes_connection,
)
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.functions import own_nodes, transparent
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.types import Function, FunctionNode

_CONNECTING = frozenset({"upgrade", "downgrade", "stamp", "current", "check", "ensure_version"})
_MAINS = frozenset({"alembic.config.main", "alembic.config.CommandLine.main"})
_FOLDERS = re.compile(r"[/\\:.]")
_ELSEWHERE = re.compile(r"command\.init\(|tmp_?path|tmpdir|tempfile|env\.py")
MAX_CALLS = 3


@dataclass(frozen=True, slots=True)
class Command:
    """A call in a coroutine that ends in a command of Alembic.

    Attributes:
        at: The call in the coroutine.
        chain: The way to the command: ``migrate -> command.upgrade()``.
        environment: The ``env.py`` that it runs.
    """

    at: ast.Call
    chain: str
    environment: Module


def commands(module: Module, function: FunctionNode) -> Iterator[Command]:
    """Yield the calls of a coroutine function that run an ``env.py`` which starts an event loop."""
    for call in own_nodes(module, function, ast.Call):
        assert isinstance(call, ast.Call)
        for chain, place, command in _ends(module, call, MAX_CALLS):
            environment = _environment(place, command)
            if environment is not None:
                yield Command(call, " -> ".join(chain), environment)
                break


def _ends(module: Module, call: ast.Call, depth: int) -> Iterator[tuple[list[str], Module, ast.Call]]:
    """Follow a call through plain functions of the project to commands."""
    if mentions_alembic(module) and (name := _command(module, call)):
        yield [f"{name}()"], module, call
        return
    kind = module.type_of(call.func)
    if not isinstance(kind, Function) or not isinstance(kind.node, ast.FunctionDef) or not depth:
        return
    if not mentions_alembic(kind.module) or not transparent(kind.module, kind.node):
        return
    for inner in own_nodes(kind.module, kind.node, ast.Call):
        assert isinstance(inner, ast.Call)
        for chain, place, command in _ends(kind.module, inner, depth - 1):
            yield [kind.node.name, *chain], place, command


def _command(module: Module, call: ast.Call) -> str:
    """Name the command that a call runs online; empty for other calls."""
    path = callee(module, call)
    if path in _MAINS:
        words = _words(argument(call, "argv", 0))
        return "alembic.config.main" if words & _CONNECTING and "--sql" not in words else ""
    holder, _, name = path.rpartition(".")
    if holder != "alembic.command" or _given(call, "sql"):
        return ""
    if name in _CONNECTING or (name == "revision" and _given(call, "autogenerate")):
        return f"command.{name}"
    return ""


def _given(call: ast.Call, name: str) -> bool:
    """Tell whether a keyword may be true."""
    value = argument(call, name)
    return value is not None and not (isinstance(value, ast.Constant) and not value.value)


def _words(node: ast.expr | None) -> set[str]:
    items = node.elts if isinstance(node, (ast.List, ast.Tuple)) else []
    return {str(item.value) for item in items if isinstance(item, ast.Constant)}


def _environment(module: Module, command: ast.Call) -> Module | None:
    """Return an ``env.py`` that a command runs; ``None`` unless all that it may run start an event loop."""
    text = module.text
    if _ELSEWHERE.search(text):
        return None
    found = all_environments(module)
    config = argument(command, "config", 0)
    if isinstance(config, ast.Name) and (folder := _location(module, config)):
        found = [item for item in found if item.relative_path.split("/")[-2:-1] == [folder]]
    if not found or not all(map(starts_loop, found)):
        return None
    if any(map(takes_connection, found)) and ("attributes" in text or not _is_made_here(module, command)):
        return None
    return found[0]


def _is_made_here(module: Module, command: ast.Call) -> bool:
    """Tell whether the configuration of a command is made in its module."""
    config = argument(command, "config", 0)
    if isinstance(config, ast.Name):
        config = _value(module, config)
    return isinstance(config, ast.Call) and callee(module, config) in ("alembic.config.Config", "alembic.config.main")


def _value(module: Module, name: ast.Name) -> ast.expr | None:
    home, binding = definition(module, name, module.scope_of(name))
    return binding.value if binding is not None and home == module and not binding.unpack else None


def _location(module: Module, config: ast.Name) -> str:
    """Return the folder that ``config.set_main_option("script_location", ...)`` names; empty if none can be seen."""
    for use in module.scope_of(config).loads.get(config.id, ()):
        member = module.parent(use)
        call = module.parent(member) if isinstance(member, ast.Attribute) else None
        if isinstance(call, ast.Call) and isinstance(member, ast.Attribute) and member.attr == "set_main_option":
            name, value = argument(call, "name", 0), argument(call, "value", 1)
            if isinstance(name, ast.Constant) and name.value == "script_location" and value is not None:
                return _last_folder(module, value)
    return ""


def _last_folder(module: Module, node: ast.expr) -> str:
    nodes = list(ast.walk(node))
    nodes += [
        inner
        for name in nodes
        if isinstance(name, ast.Name) and (value := _value(module, name))
        for inner in ast.walk(value)
    ]
    words = [item.value for item in nodes if isinstance(item, ast.Constant) and isinstance(item.value, str)]
    return _FOLDERS.split(words[0].rstrip("/"))[-1] if words else ""
