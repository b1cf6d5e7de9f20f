"""Calls of the project's functions that make an engine with what they are given: ``make_engine(url, echo=True)``."""

from __future__ import annotations

import ast
from dataclasses import dataclass, fields

from flake8_async_sqla.semantics.engine.engines import EngineCall
from flake8_async_sqla.semantics.engine.forwarding import engine_of, forwarded, parameter_of
from flake8_async_sqla.semantics.engine.urls import urls
from flake8_async_sqla.semantics.inference.mappings import seen_from, spread, written
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import parameters
from flake8_async_sqla.semantics.objects.identities import paired
from flake8_async_sqla.semantics.types import Function

# What the function itself is told of, where all callers give the same.
_POOLS = ("pool", "poolclass")


@dataclass(frozen=True, slots=True)
class WrapperCall(EngineCall):
    """A call of a project function or class that makes an engine with the URL or keywords that it is given.

    Attributes:
        call: The call of the project's function.
        url: The URL that the call gives; ``None`` where the function has its own, or all callers give the same kind.
        options: The call of the project's function.
        keywords: The engine's keywords that the call gives.
        fixed: Those that the function adds, as if they stood in the call.
    """

    fixed: tuple[ast.keyword, ...] = ()

    def keyword(self, name: str) -> ast.keyword | None:
        """Return the keyword node of a name: what the call gives, or else what the function adds."""
        return next((keyword for keyword in (*self.keywords, *self.fixed) if keyword.arg == name), None)


def wrapper_call(module: Module, call: ast.Call, function: Function) -> WrapperCall | None:
    """Read a call of a project function as one that makes an engine; ``None`` if it gives that engine nothing.

    Args:
        module: The module of the call.
        call: The call.
        function: What is called.
    """
    home = function.module
    if not (call.args or call.keywords) or any(isinstance(value, ast.Starred) for value in call.args):
        return None
    inner = home.cached(("wrapped engine", function.node), lambda: engine_of(function))
    if inner is None or inner.from_config or inner.configured:
        return None
    seen = spread(module, call)
    passed = [keyword for keyword in call.keywords if keyword.arg is not None] if seen is None else seen
    given = {item.arg: value for item, value in paired(function, call.args, passed)}
    own: list[ast.keyword] = []
    fixed: list[ast.keyword] = []
    is_open = seen is None
    for keyword in inner.call.keywords:
        name = parameter_of(function, keyword.value)
        if keyword.arg is None:
            there = forwarded(function, keyword.value)
            here = _items(module, function, there.parameter, given, passed) if there is not None else None
            own.extend(here or ())
            fixed.extend(there.added if there is not None else ())
            is_open = is_open or here is None
        elif name not in given:
            fixed.append(ast.keyword(keyword.arg, _default(function, name) or keyword.value))
        elif keyword.arg not in _POOLS or home.type_of(keyword.value) != module.type_of(given[name]):
            own.append(ast.copy_location(ast.keyword(keyword.arg, given[name]), given[name]))
    url = given.get(parameter_of(function, inner.url))
    if url is not None and len({found.scheme for found in urls(home, inner.url)}) == 1:
        url = None
    own = [keyword for keyword in own if keyword.arg != "url"]
    if url is None and not own:
        return None
    names = {keyword.arg for keyword in own}
    others = seen_from(module, call, home, [keyword for keyword in fixed if keyword.arg not in names]) or ()
    standing = tuple(ast.copy_location(ast.keyword(item.arg, item.value), call) for item in others)
    values = {item.name: getattr(inner, item.name) for item in fields(EngineCall)}
    values |= {"call": call, "options": call, "url": url, "keywords": own, "open": is_open}
    return WrapperCall(**values, fixed=standing)


def _items(
    module: Module, function: Function, name: str, given: dict[str, ast.expr], passed: list[ast.keyword]
) -> list[ast.keyword] | None:
    """List what a call puts into a mapping that the function hands on; ``None`` if it cannot be seen."""
    kwarg = function.node.args.kwarg
    if kwarg is not None and kwarg.arg == name:
        return [item for item in passed if item.arg not in given]
    if name in given:
        return written(module, given[name])
    return [] if not name or _default(function, name) is not None else None


def _default(function: Function, name: str) -> ast.expr | None:
    """Return what a parameter is where nobody gives it."""
    return next((default for item, default in parameters(function.node.args) if item.arg == name), None)
