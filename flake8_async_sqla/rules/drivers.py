"""Verdicts about drivers, shared by the rules that read database URLs."""

from __future__ import annotations

import ast

from flake8_async_sqla.facts.driver_arguments import refused, translated
from flake8_async_sqla.fixes.vocabulary import Edit, Fix, Refusal, RemoveArgument, ReplaceInString, safe, unsafe
from flake8_async_sqla.semantics.engine.drivers import (
    async_in,
    driver_name,
    replacement,
    replacement_of,
    sync_engine_possible,
    sync_in,
)
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.engine.urls import DatabaseUrl
from flake8_async_sqla.semantics.module import Module

__all__ = [
    "async_in",
    "change_scheme",
    "driver_name",
    "in_literal",
    "literal",
    "replacement",
    "replacement_of",
    "sync_engine_possible",
    "sync_in",
]


def change_scheme(module: Module, engine: EngineCall, url: DatabaseUrl, scheme: str) -> Fix | Refusal:
    """Write another scheme into the literal that holds a URL.

    Args:
        module: The module of the engine call.
        engine: The engine call.
        url: The URL to change.
        scheme: The scheme to write.
    """
    node = literal(module, engine, url, url.scheme)
    if isinstance(node, Refusal):
        return node
    new_driver = scheme.partition("+")[2]
    edits: list[Edit] = [ReplaceInString(node, url.scheme, scheme)]
    for name in url.query:
        if not refused(new_driver, name):
            continue
        other = translated(new_driver, name)
        if other is None:
            return Refusal(f"{new_driver} has no argument like {name!r} of the URL's query string")
        edits.append(ReplaceInString(node, f"{name}=", f"{other}="))
    keyword = engine.keyword("connect_args")
    if keyword is not None and isinstance(keyword.value, ast.Dict) and engine.holds(keyword):
        extra = _connect_args(engine, keyword, keyword.value, new_driver)
        if isinstance(extra, Refusal):
            return extra
        edits.extend(extra)
    elif keyword is not None:
        return Refusal("connect_args cannot be seen")
    if len(edits) > 1:
        return unsafe(f"arguments of the old driver are translated for {new_driver}", *edits)
    return in_literal(module, engine, node, *edits)


def literal(module: Module, engine: EngineCall, url: DatabaseUrl, part: str) -> ast.Constant | ast.JoinedStr | Refusal:
    """Return the literal that holds a part of a URL, if the URL of this engine alone is written there.

    Args:
        module: The module of the engine call.
        engine: The engine call.
        url: The URL.
        part: The part of it that is going to be replaced.
    """
    node = url.text.node
    if url.text.module != module:
        return Refusal(f"the URL is written in {url.text.module.relative_path}:{node.lineno}; change it there")
    if not isinstance(node, (ast.Constant, ast.JoinedStr)) or not _holds(node, part):
        return Refusal("the URL is put together from parts")
    if not _only_used_by(module, engine, node):
        return Refusal("the URL is used elsewhere too")
    return node


def in_literal(module: Module, engine: EngineCall, node: ast.expr, *edits: Edit) -> Fix:
    """Trust edits of a URL fully only where it is written inside the engine call."""
    if any(outer is engine.call for outer in module.ancestors(node)):
        return safe(*edits)
    return unsafe("the URL may also be read by something that cannot be seen", *edits)


def _holds(node: ast.Constant | ast.JoinedStr, scheme: str) -> bool:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return any(isinstance(part, ast.Constant) and scheme in str(part.value) for part in parts)


def _only_used_by(module: Module, engine: EngineCall, node: ast.expr) -> bool:
    """Tell whether a literal flows into one engine call alone, as far as this module shows."""
    if any(outer is engine.call for outer in module.ancestors(node)):
        return True
    statement = module.statement(node)
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    if len(names) != 1:
        return False
    uses = module.reads(names[0])
    return all(any(outer is engine.call for outer in module.ancestors(use)) for use in uses)


def _connect_args(
    engine: EngineCall, keyword: ast.keyword, arguments: ast.Dict, new_driver: str
) -> list[Edit] | Refusal:
    edits: list[Edit] = []
    names = [key.value if isinstance(key, ast.Constant) else None for key in arguments.keys]
    if names == ["check_same_thread"]:
        return [RemoveArgument(engine.options, keyword)] if new_driver != "aiosqlite" else []
    for key, name in zip(arguments.keys, names, strict=True):
        if name is None:
            return Refusal("connect_args cannot be seen")
        if refused(new_driver, str(name), in_query=False):
            other = translated(new_driver, str(name), in_query=False)
            if other is None:
                return Refusal(f"{new_driver} has no argument like {name!r} of connect_args")
            assert isinstance(key, ast.Constant)
            edits.append(ReplaceInString(key, str(name), other))
    return edits
