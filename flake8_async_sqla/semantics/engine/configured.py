"""Which database URLs the engine of an ``env.py`` is made with."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator

from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.engine.migrations import Setting, calls, config_method, ini_setting
from flake8_async_sqla.semantics.engine.text import HOLE, Text
from flake8_async_sqla.semantics.engine.urls import DatabaseUrl, parse, urls
from flake8_async_sqla.semantics.files.source import python_files, read
from flake8_async_sqla.semantics.inference.bindings import reaching
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.functions import returned
from flake8_async_sqla.semantics.inference.infer import called_function
from flake8_async_sqla.semantics.module import Module

OPTION = "sqlalchemy.url"
_INTERPOLATION = re.compile(r"%\(\w+\)s")
_SETTERS = {"set_main_option": 0, "set_section_option": 1}
_NOTHING: list[tuple[DatabaseUrl, str]] = []


def configured_urls(module: Module, engine: EngineCall) -> list[tuple[DatabaseUrl, str]]:
    """List the URLs that an engine of an ``env.py`` may be made with, and where each is written.

    Args:
        module: The ``env.py``.
        engine: The engine call.

    Returns:
        The URLs with their places (empty for this file); nothing where one of them cannot be told.
    """
    if engine.url is not None and not _is_option(module, engine.url):
        return _placed(module, engine.url)
    if not engine.from_config:
        return _main_option(module, engine.call) if engine.url is not None else _NOTHING
    mapping = argument(engine.call, "configuration", 0)
    if isinstance(mapping, ast.Name):
        items = list(_items(module, mapping))
        if items:
            found = [_placed(module, value) for value in items]
            return [pair for pairs in found for pair in pairs] if all(found) else _NOTHING
    if _is_section(module, mapping):
        return _main_option(module, engine.call)
    return _of_databases(module) if _is_any_section(module, mapping) else _NOTHING


def set_options(module: Module) -> Iterator[tuple[ast.Call, ast.expr | None]]:
    """Yield the calls of an ``env.py`` that set the URL in Alembic's configuration, with the URL."""
    for call in calls(module):
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in _SETTERS:
            continue
        position = _SETTERS[call.func.attr]
        name = argument(call, "name", position)
        if isinstance(name, ast.Constant) and name.value == OPTION:
            yield call, argument(call, "value", position + 1)


def _placed(module: Module, node: ast.expr | None) -> list[tuple[DatabaseUrl, str]]:
    found = urls(module, node)
    return [(url, url.place(module).strip(" ()")) for url in found]


def _main_option(module: Module, engine: ast.Call) -> list[tuple[DatabaseUrl, str]]:
    """List the URLs that Alembic's configuration holds where the engine is made."""
    found: list[tuple[DatabaseUrl, str]] = []
    certain = False
    for call, value in set_options(module):
        pairs = _placed(module, value)
        function = module.function(call)
        if not pairs or function not in (None, module.function(engine)):
            return _NOTHING
        found.extend(pairs)
        certain = certain or isinstance(module.parent(module.statement(call)), (ast.Module, ast.FunctionDef))
    return found if certain else [*found, *_of_file(module)] if _of_file(module) else _NOTHING


def _of_file(module: Module) -> list[tuple[DatabaseUrl, str]]:
    found = _read(module, ini_setting(module, OPTION))
    return [found] if found is not None and not _set_elsewhere(module) else _NOTHING


def _of_databases(module: Module) -> list[tuple[DatabaseUrl, str]]:
    """List the URLs of all sections that the setting ``databases`` names, as the template ``multidb`` has it."""
    listed = ini_setting(module, "databases")
    names = re.split(r",\s*", listed.value.strip()) if listed else []
    found = [_read(module, ini_setting(module, OPTION, section=name)) for name in names]
    whole = bool(found) and all(found) and not any(True for _ in set_options(module)) and not _set_elsewhere(module)
    return [pair for pair in found if pair is not None] if whole else _NOTHING


def _read(module: Module, setting: Setting | None) -> tuple[DatabaseUrl, str] | None:
    if setting is None:
        return None
    text = Text(_INTERPOLATION.sub(HOLE, setting.value), ast.Constant(setting.value), module)
    url = parse(text)
    return (url, setting.place) if url is not None else None


def _set_elsewhere(module: Module) -> bool:
    """Tell whether another file of the project sets the URL of Alembic's configuration before it runs a command."""
    for path in python_files(module.project.root):
        text = read(path) if os.path.basename(path) != "env.py" else ""
        if OPTION in text and any(name in text for name in _SETTERS):
            return True
    return False


def _is_option(module: Module, node: ast.expr) -> bool:
    values = _values(module, node)
    return bool(values) and all(
        isinstance(value, ast.Call)
        and config_method(module, value) in ("get_main_option", "get_section_option")
        and any(isinstance(item, ast.Constant) and item.value == OPTION for item in value.args)
        for value in values
    )


def _is_section(module: Module, node: ast.expr | None) -> bool:
    """Tell whether an expression is the main section of Alembic's configuration."""
    values = _values(module, node) if node is not None else []
    return bool(values) and all(_reads_section(module, value) for value in values)


def _is_any_section(module: Module, node: ast.expr | None) -> bool:
    """Tell whether an expression is a section whose name is a variable: one per database."""
    name = argument(node, "name", 0) if isinstance(node, ast.Call) else None
    return isinstance(name, ast.Name) and config_method(module, node) == "get_section"


def _reads_section(module: Module, node: ast.expr) -> bool:
    if isinstance(node, ast.BoolOp):
        return _reads_section(module, node.values[0])
    if not isinstance(node, ast.Call) or config_method(module, node) != "get_section":
        return False
    name = argument(node, "name", 0)
    main = isinstance(name, ast.Constant) and name.value == "alembic"
    return main or (isinstance(name, ast.Attribute) and name.attr == "config_ini_section")


def _values(module: Module, node: ast.expr) -> list[ast.expr]:
    """List what a name was given, what a function of the file returns, or the expression itself."""
    function = called_function(module, node) if isinstance(node, ast.Call) else None
    if function is not None and function.module == module:
        return returned(module, function.node)
    if not isinstance(node, ast.Name):
        return [node]
    found = module.scope_of(node).lookup(node.id)
    bindings = reaching(module, found[1], node) if found is not None and found[0] is module.scope_of(node) else []
    if found is not None and not bindings:
        bindings = found[1]
    values = [binding.value for binding in bindings if binding.kind in ("value", "annotation") and not binding.unpack]
    return [value for value in values if value is not None] if len(values) == len(bindings) else []


def _items(module: Module, name: ast.Name) -> Iterator[ast.expr]:
    """Yield what is set as the URL in a mapping: ``configuration["sqlalchemy.url"] = ...``."""
    scope = module.scope_of(name)
    for node in scope.nodes:
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if (
                isinstance(target, ast.Subscript)
                and isinstance(target.value, ast.Name)
                and target.value.id == name.id
                and isinstance(target.slice, ast.Constant)
                and target.slice.value == OPTION
            ):
                yield node.value
