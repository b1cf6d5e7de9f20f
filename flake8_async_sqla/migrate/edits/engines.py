"""Engines: the function that makes them, their URL, and the keywords that no async engine takes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.facts.driver_arguments import refused, translated
from flake8_async_sqla.facts.engine_arguments import BLOCKING_POOLS, REFUSED
from flake8_async_sqla.fixes.vocabulary import Edit, ReplaceInString, ReplaceName
from flake8_async_sqla.migrate.colouring.stays import StaysSync
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.inference.passed import Passed
from flake8_async_sqla.migrate.inference.twins import MAKERS
from flake8_async_sqla.migrate.model import Plan
from flake8_async_sqla.migrate.project import nodes
from flake8_async_sqla.semantics.engine.drivers import replacement_of, sync_in
from flake8_async_sqla.semantics.engine.engines import is_wrapped
from flake8_async_sqla.semantics.engine.given import searching
from flake8_async_sqla.semantics.engine.text import texts
from flake8_async_sqla.semantics.engine.urls import DatabaseUrl, parse
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External

_OPTIONS = frozenset({"add_argument", "argument", "option"})
_POOL = "sqlalchemy.pool.AsyncAdaptedQueuePool"


def engine_edits(kinds: Kinds, passed: Passed, module: Module, plan: Plan, stays: StaysSync) -> None:
    """Plan the engines that a module makes."""
    for call in nodes(module, ast.Call):
        assert isinstance(call, ast.Call)
        kind = kinds.of(module, call.func)
        if not isinstance(kind, External) or kind.path not in MAKERS or stays.holds(module, call):
            continue
        if is_wrapped(module, call):
            plan.refuse(module, call, "AsyncEngine() around a sync engine; use create_async_engine() first")
            continue
        plan.edit(module, ReplaceName(call.func, MAKERS[kind.path]), *_pool(kinds, module, call))
        for reason in _refused(call):
            plan.refuse(module, call, reason)
        _url(kinds, passed, module, call, plan, from_config=kind.path.endswith("from_config"))


def _pool(kinds: Kinds, module: Module, call: ast.Call) -> Iterator[Edit]:
    pool = argument(call, "poolclass")
    kind = kinds.of(module, pool)
    if pool is not None and isinstance(kind, External) and kind.path in BLOCKING_POOLS:
        yield ReplaceName(pool, _POOL)


def _refused(call: ast.Call) -> Iterator[str]:
    for known in REFUSED:
        given = argument(call, known.keyword)
        if given is not None and (not known.value or ast.unparse(given) == known.value):
            yield f"create_async_engine() does not take {known.keyword}={ast.unparse(given)}"


def _url(kinds: Kinds, passed: Passed, module: Module, call: ast.Call, plan: Plan, *, from_config: bool) -> None:
    if from_config:
        plan.note(module, call, "the URL in the configuration needs an async driver")
        return
    given = argument(call, "url", 0)
    places = [origin for stored in kinds.stored(module, given) for origin in passed.origins(*stored)]
    found = {url.text: url for place, node in places for url in _urls(place, node)}
    if not found:
        plan.note(module, call, "the URL cannot be seen: it needs an async driver, as in postgresql+asyncpg://")
    for url in found.values():
        if _is_default(url.text.module, url.text.node):
            plan.note(
                url.text.module, url.text.node, "the environment may give another URL, which needs an async driver"
            )
        elif _is_option(url.text.module, url.text.node):
            text = "the command line may give another URL, which needs an async driver"
            plan.note(url.text.module, url.text.node, text)
        settings = module.project.settings
        chosen = settings.drivers.get(url.backend)
        if sync_in(url, settings.targets) or (chosen is not None and chosen != url.driver):
            _scheme(module, call, url, plan)


def _is_default(module: Module, node: ast.expr) -> bool:
    """Tell whether a URL stands for one that the environment does not give."""
    parent = module.parent(node)
    call = module.parent(parent) if isinstance(parent, (ast.keyword, ast.BoolOp)) else parent
    if isinstance(parent, ast.BoolOp):
        return "environ" in ast.unparse(parent) or "getenv" in ast.unparse(parent)
    return isinstance(call, ast.Call) and call.func is not node and "env" in ast.unparse(call.func).lower()


def _is_option(module: Module, node: ast.expr) -> bool:
    """Tell whether a URL stands for one that the command line does not give: ``click.option("--url", default=...)``."""
    parent = module.parent(node)
    call = module.parent(parent) if isinstance(parent, ast.keyword) and parent.arg == "default" else parent
    func = call.func if isinstance(call, ast.Call) else None
    name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
    return name.lower() in _OPTIONS


def _urls(module: Module, node: ast.expr) -> list[DatabaseUrl]:
    with searching(defaults=True):
        parsed = [parse(text) for text in texts(module, node).known if text.value]
    return [url for url in parsed if url is not None]


def _scheme(module: Module, call: ast.Call, url: DatabaseUrl, plan: Plan) -> None:
    place, node = url.text.module, url.text.node
    scheme = replacement_of(url.scheme, module)
    driver = scheme.partition("+")[2]
    if not scheme:
        plan.refuse(module, call, f"no async driver is known for {url.scheme}")
        return
    words = {f"{url.scheme}://": f"{scheme}://", **_arguments(module, call, url, driver, plan)}
    if isinstance(node, ast.Constant) and node.value == url.scheme:
        plan.edit(place, ReplaceInString(node, url.scheme, scheme))
    elif isinstance(node, ast.Constant) and len(words) > 1 and _holds(node, f"{url.scheme}://"):
        old = new = str(node.value)
        for word, other in words.items():
            new = new.replace(word, other, 1)
        plan.edit(place, ReplaceInString(node, old, new))
    elif isinstance(node, (ast.Constant, ast.JoinedStr)) and _holds(node, f"{url.scheme}://"):
        plan.edit(place, ReplaceInString(node, f"{url.scheme}://", f"{scheme}://"))
    else:
        plan.refuse(place, node, f"the URL is put together from parts; it has to begin with {scheme}://")


def _arguments(module: Module, call: ast.Call, url: DatabaseUrl, driver: str, plan: Plan) -> dict[str, str]:
    """Say a driver's arguments in the words of another; return what that is in the text of the URL."""
    words: dict[str, str] = {}
    place, node = url.text.module, url.text.node
    maker = place.parent(node)
    maker = place.parent(maker) if isinstance(maker, ast.keyword) else maker
    query = _keys(place, argument(maker, "query")) if isinstance(maker, ast.Call) and maker is not call else {}
    given = _keys(module, argument(call, "connect_args"))
    for name, in_query in (*dict.fromkeys(url.query, True).items(), *dict.fromkeys(given, False).items()):
        if not refused(driver, name, in_query=in_query):
            continue
        other = translated(driver, name, in_query=in_query)
        key = (query if in_query else given).get(name)
        if other is not None and key is not None:
            plan.edit(place if in_query else module, ReplaceInString(key, name, other))
        elif other is not None and isinstance(node, ast.Constant) and _holds(node, f"{name}="):
            words[f"{name}="] = f"{other}="
        else:
            plan.refuse(module, call, f"{driver} has no argument {name!r}")
    return words


def _keys(module: Module, given: ast.expr | None) -> dict[str, ast.Constant]:
    """Find the keys of a dictionary that is written down, or kept under a name."""
    if isinstance(given, ast.Name) and (found := module.scope_of(given).lookup(given.id)) is not None:
        given = found[1][0].value
    keys = given.keys if isinstance(given, ast.Dict) else []
    return {str(key.value): key for key in keys if isinstance(key, ast.Constant)}


def _holds(node: ast.Constant | ast.JoinedStr, text: str) -> bool:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return any(isinstance(part, ast.Constant) and text in str(part.value) for part in parts)
