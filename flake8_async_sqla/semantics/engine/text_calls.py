"""What a call that gives a string or URL may say."""

from __future__ import annotations

import ast
import itertools
import re
import urllib.parse
from dataclasses import replace

from flake8_async_sqla.semantics.engine import text as text_module
from flake8_async_sqla.semantics.engine.given import by_call, giving
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.inference.mappings import spread, written
from flake8_async_sqla.semantics.mapping.constants import named
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External, Function, Instance, Member

_SAME_METHODS = frozenset(
    {"strip", "unicode_string", "render_as_string", "get_secret_value", "encoded_string", "rstrip", "lstrip"}
)
_SAME_FUNCTIONS = frozenset(
    {
        "builtins.str", "inspect.cleandoc", "pydantic.SecretStr", "sqlalchemy.make_url", "textwrap.dedent",
        "typing.cast",
    }
)  # fmt: skip
_URL_CLASSES = frozenset({"sqlalchemy.URL", "sqlalchemy.URL.create"})
_URL_PARTS = frozenset({"drivername", "username", "password", "host", "port", "database", "query"})
_QUOTING = {"urllib.parse.quote": urllib.parse.quote, "urllib.parse.quote_plus": urllib.parse.quote_plus}
_READERS: dict[str, tuple[str, int | None]] = {
    "configparser.ConfigParser": ("fallback", None),
    "configparser.RawConfigParser": ("fallback", None),
    "dynaconf.Dynaconf": ("default", 1),
    "environ.Env": ("default", None),
    "environs.Env": ("default", 1),
    "starlette.config.Config": ("default", 2),
}
# What a program itself puts into a ``ConfigParser``.
_CONFIGURING = re.compile(r"\.(?:read_dict|read_string|set)\(")
_DEFAULTED = {
    "os.getenv": 1, "os.environ.get": 1, "os.environ.setdefault": 1, "os.environ.pop": 1, "decouple.config": 1,
    "typer.Option": 0, "typer.Argument": 0, "dataclasses.field": None, "attrs.field": None, "attr.ib": None,
}  # fmt: skip


def call_texts(module: Module, call: ast.Call, hops: int) -> text_module.Texts:
    """Find what a call may say.

    Args:
        module: The module that holds the call.
        call: The call.
        hops: How many names and calls to follow.
    """
    if isinstance(call.func, ast.Attribute):
        found = _method(module, call, call.func, hops)
        if found is not None:
            return found
    callee = module.type_of(call.func)
    if isinstance(callee, Function):
        with giving(by_call(module, callee, call)):
            return returned(callee, hops)
    if isinstance(callee, External):
        return _function(module, call, callee.path, hops)
    if isinstance(callee, (Instance, Member)):
        return _reader(module, call, callee, hops)
    return text_module.NOTHING


def returned(function: Function, hops: int) -> text_module.Texts:
    """Find what a project function or property may return."""
    found = text_module.NOTHING
    for node in own_nodes(function.module, function.node, ast.Return):
        if isinstance(node, ast.Return) and node.value is not None:
            found |= text_module.texts(function.module, node.value, hops - 1)
    return found


def _method(module: Module, call: ast.Call, func: ast.Attribute, hops: int) -> text_module.Texts | None:
    if func.attr in _SAME_METHODS:
        return text_module.texts(module, func.value, hops)
    if func.attr == "format":
        template = text_module.texts(module, func.value, hops)
        known = (replace(item, value=_filled(module, call, item.value, hops)) for item in template.known)
        return text_module.Texts(tuple(known))
    if func.attr == "replace" and len(call.args) >= 2:
        return _replaced(module, call, func, hops)
    if func.attr == "set" and call.keywords and _URL_PARTS.issuperset(keyword.arg for keyword in call.keywords):
        return (
            _created(module, call, hops)
            if argument(call, "drivername") is not None
            else _same_scheme(module, call, func, hops)
        )
    if func.attr == "update_query_dict" and call.args:
        return _queried(module, call, func, hops)
    if func.attr == "get" and call.args and (found := text_module.picked(module, func.value, call.args[0])) is not None:
        return text_module.together(module, found if len(found) == 1 else [*found, *call.args[1:]], hops)
    if func.attr == "join" and len(call.args) == 1:
        home, listed = named(module, call.args[0])
        items = (listed or call.args[0]) if home == module else None
        return _joined(module, func.value, items, hops) if isinstance(items, (ast.List, ast.Tuple)) else None
    return None


def _filled(module: Module, call: ast.Call, template: str, hops: int) -> str:
    """Put what ``format()`` is given into its places, as far as it can be seen."""
    numbers = itertools.count()

    def value(match: re.Match[str]) -> str:
        name = match[1] or str(next(numbers))
        given = argument(call, name, int(name) if name.isdecimal() else None)
        exact = {found.value for found in text_module.texts(module, given, hops).known}
        return exact.pop() if len(exact) == 1 else text_module.HOLE

    return re.sub(r"\{([^{}]*)\}", value, template)


def _same_scheme(module: Module, call: ast.Call, func: ast.Attribute, hops: int) -> text_module.Texts:
    """``url.set(database=..., query={...})``: of another URL only the scheme is kept."""
    source = text_module.texts(module, func.value, hops)
    query = _query(module, argument(call, "query"))
    tail = f"://{text_module.HOLE}/{text_module.HOLE}{'?' if query else ''}{query}"
    known = (replace(item, value=item.value.partition("://")[0] + tail) for item in source.known)
    return text_module.Texts(tuple(known), source.rebound)


def _queried(module: Module, call: ast.Call, func: ast.Attribute, hops: int) -> text_module.Texts:
    source = text_module.texts(module, func.value, hops)
    query = _query(module, call.args[0])
    return text_module.Texts(
        tuple(replace(item, value=f"{item.value}{'&' if '?' in item.value else '?'}{query}") for item in source.known),
        source.rebound,
    )


def _joined(module: Module, separator: ast.expr, items: ast.List | ast.Tuple, hops: int) -> text_module.Texts:
    """``"".join([scheme, "://", host])``."""
    parts: list[str] = []
    for node in [separator, *items.elts]:
        exact = {found.value for found in text_module.texts(module, node, hops).known}
        parts.append(exact.pop() if len(exact) == 1 else text_module.HOLE)
    return text_module.Texts((text_module.Text(parts[0].join(parts[1:]), items, module),))


def _replaced(module: Module, call: ast.Call, func: ast.Attribute, hops: int) -> text_module.Texts:
    old, new = (text_module.texts(module, item, hops).known for item in call.args[:2])
    if len(old) != 1 or len(new) != 1:
        return text_module.Texts(rebound=True)
    source = text_module.texts(module, func.value, hops)
    count = 1 if len(call.args) > 2 else -1
    changed = tuple(
        replace(item, value=item.value.replace(old[0].value, new[0].value, count), node=call, module=module)
        if old[0].value in item.value
        else item
        for item in source.known
    )
    return text_module.Texts(changed, source.rebound)


def _function(module: Module, call: ast.Call, path: str, hops: int) -> text_module.Texts:
    if path in _SAME_FUNCTIONS and call.args:
        return text_module.texts(module, call.args[-1], hops)
    if path in _QUOTING:
        found = text_module.texts(module, argument(call, "string", 0), hops)
        quote = _QUOTING[path]
        known = (
            replace(item, value=text_module.HOLE.join(map(quote, item.value.split(text_module.HOLE))))
            for item in found.known
        )
        return text_module.Texts(tuple(known), found.rebound)
    if path in _DEFAULTED:
        factory = argument(call, "default_factory") or argument(call, "factory")
        if isinstance(factory, ast.Lambda):
            return text_module.texts(module, factory.body, hops)
        return text_module.texts(module, argument(call, "default", _DEFAULTED[path]), hops)
    if path in _URL_CLASSES:
        return _created(module, call, hops)
    last = path.rpartition(".")[2]
    if path.startswith("pydantic"):
        if last == "build":
            return _created(module, call, hops, "scheme")
        if last.endswith(("Dsn", "Url")) and call.args:
            return text_module.texts(module, call.args[0], hops)
        if last == "Field":
            return text_module.texts(module, argument(call, "default", 0), hops)
    return text_module.NOTHING


def _reader(module: Module, call: ast.Call, callee: Instance | Member, hops: int) -> text_module.Texts:
    """Configuration readers: what they give where nothing is configured."""
    receiver = callee.receiver if isinstance(callee, Member) else callee
    name, position = _READERS.get(receiver.cls, ("", None)) if isinstance(receiver, Instance) else ("", None)
    if not name or (name == "fallback" and _CONFIGURING.search(module.text)):
        return text_module.NOTHING
    return text_module.texts(module, argument(call, name, position), hops)


def _created(module: Module, call: ast.Call, hops: int, name: str = "drivername") -> text_module.Texts:
    """``URL.create(drivername, ..., database=..., query={...})`` and its like, written as a URL string."""
    given = {item.arg: item.value for item in spread(module, call) or call.keywords}
    driver = text_module.texts(module, given.get(name) or argument(call, name, 0), hops)
    database = text_module.texts(module, given.get("database") or given.get("path"), hops).known
    tail = f"://{text_module.HOLE}/{database[0].value if database else text_module.HOLE}"
    query = _query(module, given.get("query"))
    tail += f"?{query}" if query else ""
    return text_module.Texts(tuple(replace(item, value=item.value + tail) for item in driver.known), driver.rebound)


def _query(module: Module, node: ast.expr | None) -> str:
    """Write what a mapping that can be seen holds as a query string."""
    items = [(item.arg, item.value) for item in written(module, node) or ()]
    pairs = ((name, str(value.value) if isinstance(value, ast.Constant) else text_module.HOLE) for name, value in items)
    return "&".join(f"{name}={value}" for name, value in pairs)
