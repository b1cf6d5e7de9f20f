"""Calls of the project's functions that make an engine with what they are given: ``make_engine(url, echo=True)``."""

from __future__ import annotations

import ast
from dataclasses import dataclass, fields

from flake8_async_sqla.semantics.engine.engines import EngineCall, engine_call
from flake8_async_sqla.semantics.engine.urls import urls
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.inference.mappings import seen_from, spread, written
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import parameters
from flake8_async_sqla.semantics.objects.identities import paired
from flake8_async_sqla.semantics.types import UNKNOWN, External, Function

_MAKERS = ("create_async_engine", "create_engine")
# What the function itself is told of, where all callers give the same.
_POOLS = ("pool", "poolclass")
_SURE = (ast.stmt, ast.withitem, ast.keyword, ast.Call, ast.Await, ast.NamedExpr)
_UNSURE = (ast.For, ast.AsyncFor, ast.While, ast.Match)


@dataclass(frozen=True, slots=True)
class WrapperCall(EngineCall):
    """A call of a project function that makes an engine with the URL or keywords that it is given.

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
    inner = home.cached(("wrapped engine", function.node), lambda: _inner(function))
    if inner is None:
        return None
    seen = spread(module, call)
    named = [keyword for keyword in call.keywords if keyword.arg is not None] if seen is None else seen
    given = {item.arg: value for item, value in paired(function, call.args, named)}
    handed = {item.arg for item, _ in parameters(function.node.args) if _unchanged(function, item.arg)}
    own: list[ast.keyword] = []
    fixed: list[ast.keyword] = []
    is_open = seen is None
    for keyword in inner.call.keywords:
        if keyword.arg is None:
            added = _added(function, keyword.value)
            if added is not None:
                own.extend(item for item in named if item.arg not in given)
            added = written(home, keyword.value) if added is None else added
            fixed.extend(added or ())
            is_open = is_open or added is None
        elif isinstance(keyword.value, ast.Name) and keyword.value.id in handed & given.keys():
            if keyword.arg in _POOLS and home.type_of(keyword.value) is not UNKNOWN:
                continue
            value = given[keyword.value.id]
            own.append(ast.copy_location(ast.keyword(keyword.arg, value), value))
        else:
            fixed.append(ast.keyword(keyword.arg, _default(function, keyword.value)))
    url = given.get(inner.url.id) if isinstance(inner.url, ast.Name) and inner.url.id in handed else None
    if url is not None and len({found.scheme for found in urls(home, inner.url)}) == 1:
        url = None
    own = [keyword for keyword in own if keyword.arg != "url"]
    if url is None and not own:
        return None
    names = {keyword.arg for keyword in own}
    others = seen_from(module, call, home, [keyword for keyword in fixed if keyword.arg not in names]) or ()
    values = {item.name: getattr(inner, item.name) for item in fields(EngineCall)}
    values |= {"call": call, "options": call, "url": url, "keywords": own, "open": is_open}
    return WrapperCall(
        **values, fixed=tuple(ast.copy_location(ast.keyword(item.arg, item.value), call) for item in others)
    )


def _inner(function: Function) -> EngineCall | None:
    """Find the one engine that every call of a function makes, or every first call for a key."""
    module, node = function.module, function.node
    if not any(maker in module.text for maker in _MAKERS):
        return None
    kinds = [
        (call, module.type_of(call.func)) for call in own_nodes(module, node, ast.Call) if isinstance(call, ast.Call)
    ]
    made = [(call, kind.path) for call, kind in kinds if isinstance(kind, External) and kind.path.endswith(_MAKERS)]
    engine = engine_call(module, *made[0]) if len(made) == 1 else None
    return engine if engine is not None and not engine.from_config and _is_sure(function, engine.call) else None


def _is_sure(function: Function, call: ast.Call) -> bool:
    """Tell whether nothing but a memory of engines keeps a call of the function from getting to a call in it."""
    inner: ast.AST = call
    for outer in function.module.ancestors(call):
        if outer is function.node:
            return True
        if not isinstance(outer, _SURE) or isinstance(outer, _UNSURE):
            return False
        if isinstance(outer, ast.If) and not (inner in outer.body and _is_missing(function, outer.test)):
            return False
        if isinstance(outer, ast.Try) and inner not in outer.body:
            return False
        inner = outer
    return False


def _is_missing(function: Function, test: ast.expr) -> bool:
    """Tell whether a test asks for an engine that was not made before: ``name not in engines``, ``engine is None``."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return False
    names = {item.arg for item, _ in parameters(function.node.args)}
    own = isinstance(test.left, ast.Name) and test.left.id in names
    return isinstance(test.ops[0], ast.NotIn) or (isinstance(test.ops[0], ast.Is) and not own)


def _unchanged(function: Function, name: str) -> bool:
    return len(function.module.index.scopes[function.node].names.get(name, ())) == 1


def _default(function: Function, value: ast.expr) -> ast.expr:
    """Return what a parameter is where nobody gives it; any other expression as it is."""
    found = {item.arg: default for item, default in parameters(function.node.args)}
    default = found.get(value.id) if isinstance(value, ast.Name) else None
    return value if default is None else default


def _added(function: Function, value: ast.expr) -> list[ast.keyword] | None:
    """List what a function adds where it hands on its ``**options``; ``None`` if it may change them."""
    module, kwarg = function.module, function.node.args.kwarg
    scope = module.index.scopes[function.node]
    if kwarg is None or not _unchanged(function, kwarg.arg):
        return None
    found: list[ast.keyword] | None = []
    if isinstance(value, ast.Name) and value.id != kwarg.arg:
        bindings = scope.names.get(value.id, [])
        kept = bindings[0].value if len(bindings) == 1 and len(scope.loads.get(value.id, ())) == 1 else None
        value = kept if kept is not None and not bindings[0].unpack else value
    if isinstance(value, ast.Dict) and value.keys and value.keys[-1] is None:
        found = written(module, ast.copy_location(ast.Dict(value.keys[:-1], value.values[:-1]), value))
        value = value.values[-1]
    elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr):
        found, value = written(module, value.left), value.right
    if found is None or not isinstance(value, ast.Name) or value.id != kwarg.arg:
        return None
    others = [use for use in scope.loads.get(kwarg.arg, ()) if use is not value]
    defaults = [_set_default(module, use) for use in others]
    return None if None in defaults else [*found, *(item for item in defaults if item is not None)]


def _set_default(module: Module, use: ast.Name) -> ast.keyword | None:
    """Read ``options.setdefault("echo", True)``."""
    member = module.parent(use)
    call = module.parent(member) if isinstance(member, ast.Attribute) and member.attr == "setdefault" else None
    if not isinstance(call, ast.Call) or len(call.args) != 2 or not isinstance(call.args[0], ast.Constant):
        return None
    return ast.keyword(str(call.args[0].value), call.args[1])
