"""Which tests do database IO on a module-level engine, each in an event loop of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from flake8_async_sqla.rules.testing.requesting import applications, endpoints
from flake8_async_sqla.rules.testing.tests import (
    async_tests,
    loops_are_shared,
    option,
    requests,
    runs,
    settings,
    test_files,
)
from flake8_async_sqla.semantics.files.importers import dependents
from flake8_async_sqla.semantics.files.source import read
from flake8_async_sqla.semantics.frameworks.fixtures import conftests, fixture, fixture_name
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.origins import engine_origin
from flake8_async_sqla.semantics.types import Function, FunctionNode, Origin

_OTHERWISE = re.compile(
    r"event_loop\b|loop_scope|pytest_collection_modifyitems|dispose|NullPool|StaticPool|sqlite|nest_asyncio"
    r"|environ\s*\[[^\]]*\]\s*=[^=]|environ\.(?:update|setdefault)|setenv"
)
_ENVIRONMENT = re.compile(r"^\s*(?:env|env_files)\s*=|\[tool\.pytest_env", re.MULTILINE)
_IO = frozenset(
    {
        "begin", "commit", "connect", "connection", "delete", "exec", "execute", "flush", "get", "get_one", "merge",
        "refresh", "run_sync", "scalar", "scalars", "stream", "stream_scalars",
    }
)  # fmt: skip
MAX_CALLS = 3


def users(module: Module, engine: ast.Call) -> list[str]:
    """List the tests that do IO on an engine, as ``test_app.py:4``; a test that runs twice counts twice.

    Args:
        module: The module of the engine.
        engine: The call that makes it.
    """
    origin = module.origin(engine)
    found: list[str] = []
    maker = module.function(engine)
    own = ast.get_source_segment(module.text, maker) or "" if maker is not None else ""
    for place in dependents(module):
        if "async def" not in (text := place.text) or ("test" not in text and "fixture" not in text):
            continue
        ways = _direct(place, origin, own), _by_fixture(place, origin, own), _by_request(place, origin, own)
        for home, test in [found_test for way in ways for found_test in way]:
            found.extend([f"{home.relative_path}:{test.lineno}"] * runs(home, test))
    return list(dict.fromkeys(found)) if len(set(found)) > 1 else found


def _direct(place: Module, origin: Origin, own: str) -> Iterator[tuple[Module, ast.AsyncFunctionDef]]:
    if not _arranged(place, own):
        for test in async_tests(place):
            if _does_io(Function(place, test), origin, MAX_CALLS):
                yield place, test


def _by_fixture(place: Module, origin: Origin, own: str) -> Iterator[tuple[Module, ast.AsyncFunctionDef]]:
    """Yield the tests that request a fixture which does IO, or use the session or connection that it yields."""
    fixtures = list(_fixtures(place))
    for node, decorator in fixtures:
        acts = _does_io(Function(place, node), origin, MAX_CALLS)
        if not acts and not _gives(place, node, origin):
            continue
        if option(decorator, "scope") in (None, "function") and not _arranged(place, own):
            name = fixture_name(place, node, decorator)
            yield from _requesting(place, name, decorator, acts, own)
            for other, outer in fixtures:
                if requests(other, name) and _uses(place, other, name):
                    yield from _requesting(place, fixture_name(place, other, outer), outer, True, own)


def _by_request(place: Module, origin: Origin, own: str) -> Iterator[tuple[Module, ast.AsyncFunctionDef]]:
    """Yield the tests that await requests to endpoints which do IO."""
    found = applications(place)
    if not found or _arranged(place, own):
        return
    for path in test_files(place):
        home = place if path == place.path else place.project.load(path)
        if home is None or (home != place and _arranged(home, own)):
            continue
        for test in async_tests(home):
            served = (endpoint for application in found for endpoint in endpoints(home, test, application))
            if any(_does_io(endpoint, origin, MAX_CALLS) for endpoint in served):
                yield home, test


def _fixtures(place: Module) -> Iterator[tuple[ast.AsyncFunctionDef, ast.expr]]:
    for scope in list(place.index.scopes.values()):
        if isinstance(scope.node, ast.AsyncFunctionDef) and (decorator := fixture(place, scope.node)) is not None:
            yield scope.node, decorator


def _gives(place: Module, node: FunctionNode, origin: Origin) -> bool:
    """Tell whether a fixture gives its tests a session or connection of an engine."""
    found = own_nodes(place, node, ast.Yield, ast.Return)
    values = [item.value for item in found if isinstance(item, (ast.Yield, ast.Return))]
    return any(engine_origin(place.type_of(value)) == origin for value in values)


def _requesting(
    place: Module, name: str, decorator: ast.expr, acts: bool, own: str
) -> Iterator[tuple[Module, ast.AsyncFunctionDef]]:
    everybody = acts and option(decorator, "autouse") is True
    for path in test_files(place):
        if path != place.path and name not in read(path) and not everybody:
            continue
        home = place.project.load(path) if path != place.path else place
        if home is None or (home != place and (_overrides(home, name) or _arranged(home, own))):
            continue
        for test in async_tests(home):
            if everybody or (requests(test, name) and (acts or _uses(home, test, name))):
                yield home, test


def _overrides(module: Module, name: str) -> bool:
    return name in module.index.top.names


def _arranged(module: Module, own: str) -> bool:
    """Tell whether the tests of a module may share an event loop, dispose of the engine, or have another one.

    Args:
        module: The module.
        own: The text of the fixture that makes the engine, which disposes of it when all tests are over.
    """
    if loops_are_shared(module) or _ENVIRONMENT.search(settings(module)):
        return True
    texts = [module.text, *(read(path) for path in conftests(module))]
    return any(_OTHERWISE.search(text.replace(own, "") if own else text) for text in texts)


def _uses(module: Module, test: FunctionNode, name: str) -> bool:
    """Tell whether a test awaits a method of what a fixture gave it, or something that gets it."""
    for node in own_nodes(module, test, ast.Await):
        assert isinstance(node, ast.Await)
        call = node.value
        if not isinstance(call, ast.Call):
            continue
        if isinstance(call.func, ast.Attribute) and _is(call.func.value, name):
            return call.func.attr in _IO
        if any(_is(value, name) for value in (*call.args, *(keyword.value for keyword in call.keywords))):
            return True
    return False


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _does_io(function: Function, origin: Origin, depth: int) -> bool:
    """Tell whether a coroutine function connects to the database through an engine."""
    module = function.module
    for call in _awaited(module, function.node):
        func = call.func
        if isinstance(func, ast.Attribute) and func.attr in _IO and engine_origin(module.type_of(func.value)) == origin:
            return True
        kind = module.type_of(func)
        other = isinstance(kind, Function) and depth > 1 and kind.node is not function.node
        if isinstance(kind, Function) and other and _does_io(kind, origin, depth - 1):
            return True
    return False


def _awaited(module: Module, node: FunctionNode) -> Iterator[ast.Call]:
    """Yield the calls that a function awaits or enters."""
    for inner in own_nodes(module, node, ast.Await, ast.AsyncWith):
        given = [inner.value] if isinstance(inner, ast.Await) else []
        given += [item.context_expr for item in inner.items] if isinstance(inner, ast.AsyncWith) else []
        yield from (value for value in given if isinstance(value, ast.Call))
