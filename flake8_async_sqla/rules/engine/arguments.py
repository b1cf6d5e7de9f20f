"""Arguments of drivers: where an engine call gives them, and how to give them right."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.facts.driver_arguments import NOT_AS_STRING, SERVER_SETTINGS, TRANSLATE, refused, translated
from flake8_async_sqla.fixes.vocabulary import (
    AddKeyword,
    Code,
    Fix,
    Refusal,
    RemoveArgument,
    ReplaceExpression,
    ReplaceInString,
    safe,
)
from flake8_async_sqla.rules.drivers import in_literal, literal
from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.engine.text import HOLE
from flake8_async_sqla.semantics.engine.urls import DatabaseUrl
from flake8_async_sqla.semantics.inference.mappings import written
from flake8_async_sqla.semantics.module import Module


def connect_args(module: Module, engine: EngineCall) -> Iterator[tuple[ast.Constant | ast.keyword, str]]:
    """Yield the keys of ``connect_args``, given directly or by way of a name."""
    mapping = engine.argument("connect_args")
    items = written(module, mapping) if not isinstance(mapping, ast.Dict) else None
    if items is not None:
        yield from ((item, item.arg) for item in items if item.arg is not None)
        return
    if isinstance(mapping, ast.Name):
        found = module.scope_of(mapping).lookup(mapping.id)
        mapping = found[1][0].value if found is not None and len(found[1]) == 1 and not found[1][0].unpack else None
    if isinstance(mapping, ast.Dict):
        for key in mapping.keys:
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key, key.value


def fix_in_query(module: Module, engine: EngineCall, url: DatabaseUrl, driver: str, name: str) -> Fix | Refusal:
    """Give an argument of a query string its right name, or move it into ``connect_args``."""
    value = url.query[name]
    if name == "ssl" and value.lower() in ("true", "1"):
        node = literal(module, engine, url, f"ssl={value}")
        return (
            node
            if isinstance(node, Refusal)
            else in_literal(module, engine, node, ReplaceInString(node, f"ssl={value}", "ssl=require"))
        )
    if (other := translated(driver, name)) is not None:
        node = literal(module, engine, url, f"{name}=")
        return (
            node
            if isinstance(node, Refusal)
            else in_literal(module, engine, node, ReplaceInString(node, f"{name}=", f"{other}="))
        )
    code = _moved(driver, name, value)
    if code is None:
        return Refusal(f"{driver} has no argument like {name!r}")
    if engine.open or engine.argument("connect_args") is not None:
        return Refusal("connect_args are given already")
    old = _written(url, name)
    node = literal(module, engine, url, old)
    if isinstance(node, Refusal):
        return node
    edits = (ReplaceInString(node, old, ""), AddKeyword(engine.options, "connect_args", Code(code)))
    return in_literal(module, engine, node, *edits)


def _moved(driver: str, name: str, value: str) -> str | None:
    """Write a query argument as a template of ``connect_args``; ``None`` if the driver has nothing like it."""
    if HOLE in value or "%" in value or "+" in value or '"' in value:
        return None
    if driver == "asyncpg" and name in SERVER_SETTINGS:
        return f'{{{{"server_settings": {{{{"{name}": "{value}"}}}}}}}}'
    other = TRANSLATE.get(driver, {}).get(name, name)
    if other in NOT_AS_STRING.get(driver, ()) and value.isdecimal():
        return f'{{{{"{other}": {int(value)}}}}}'
    return None


def _written(url: DatabaseUrl, name: str) -> str:
    """Return the text to take out of a URL, so that the rest of its query string stays right."""
    pair = f"{name}={url.query[name]}"
    if len(url.query) == 1:
        return f"?{pair}"
    return f"{pair}&" if next(iter(url.query)) == name else f"&{pair}"


def fix_in_mapping(engine: EngineCall, key: ast.Constant | ast.keyword, driver: str, name: str) -> Fix | Refusal:
    """Give an argument of ``connect_args`` its right name, or put it where the driver looks for it."""
    mapping, keyword = engine.argument("connect_args"), engine.keyword("connect_args")
    if (
        not isinstance(mapping, ast.Dict)
        or not isinstance(key, ast.Constant)
        or keyword is None
        or not engine.holds(keyword)
    ):
        return Refusal("connect_args are written elsewhere")
    names = [item.value for item in mapping.keys if isinstance(item, ast.Constant)]
    if name == "check_same_thread" and names == [name]:
        return safe(RemoveArgument(engine.options, keyword))
    if driver == "asyncpg" and name in SERVER_SETTINGS and "server_settings" not in names:
        value = mapping.values[mapping.keys.index(key)]
        code = Code(f'{{{{"{name}": {{value}}}}}}', nodes={"value": value})
        return safe(ReplaceInString(key, name, "server_settings"), ReplaceExpression(value, code))
    other = translated(driver, name, in_query=False)
    if other is None or other in names or refused(driver, other, in_query=False):
        return Refusal(f"{driver} has no argument like {name!r}")
    return safe(ReplaceInString(key, name, other))
