"""Starlette's test client: it runs the application in another event loop, where many drivers' connections fail."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.migrate.colouring.operations import Operation
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.inference.twins import MAKERS
from flake8_async_sqla.migrate.model import Plan
from flake8_async_sqla.migrate.project import Sources, loaded, nodes
from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.engine.text import texts
from flake8_async_sqla.semantics.engine.urls import parse
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External, Instance, Type

ARGUMENTS = frozenset(
    {"app", "base_url", "raise_server_exceptions", "root_path", "client", "cookies", "headers", "follow_redirects"}
)
_CLASSES = frozenset({"fastapi.testclient.TestClient", "starlette.testclient.TestClient"})
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})
_SAME = frozenset({"headers", "cookies", "params", "base_url", "auth", "timeout", "event_hooks", "is_closed"})
_STAYS = "so tests keep TestClient, whose event loop is another one: connections of this database may fail in it"

_OWN = "this class of test clients stays, with an event loop of its own: connections of this database may fail in it"


class Clients:
    """The test clients of a project.

    Attributes:
        change: Whether they become ``httpx.AsyncClient``, so that tests and application share an event loop.
    """

    def __init__(self, kinds: Kinds, sources: Sources, plan: Plan) -> None:
        """Look at the databases of the tests and at what is done with clients.

        Args:
            kinds: Types.
            sources: The modules that may be changed.
            plan: Takes the places that keep the clients as they are.
        """
        self._kinds = kinds
        odd = [(module, node) for module in sources.modules for node in self._without_counterpart(module)]
        derived = [(module, node) for module in sources.modules for node in self._derived(module)]
        if any(self._is_named(module) for module in sources.modules):
            odd += derived
        wanted = _loops_matter(kinds, sources)
        for module, node in odd if wanted else ():
            plan.note(module, node, f"httpx.AsyncClient has no counterpart for this, {_STAYS}")
        self.change = wanted and not odd
        for module, node in derived if self.change else ():
            plan.note(module, node, _OWN)

    def operations(self, module: Module) -> Iterator[Operation]:
        """Yield what a module does with clients that change."""
        for node in nodes(module, ast.Call, ast.With) if self.change else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if node.func.attr in _VERBS and self.is_client(module, node.func.value):
                    yield Operation(module, node, "await", f"TestClient.{node.func.attr}")
            elif isinstance(node, ast.With):
                yield from self._entered(module, node)

    def is_client(self, module: Module, node: ast.expr) -> bool:
        """Tell whether an expression is a client that changes."""
        return self.change and _is_client(self._kinds.of(module, node))

    def is_class(self, module: Module, node: ast.expr) -> bool:
        """Tell whether an expression is the class of clients."""
        kind = self._kinds.of(module, node)
        return isinstance(kind, External) and kind.path in _CLASSES

    def _entered(self, module: Module, block: ast.With) -> Iterator[Operation]:
        if any(self.is_client(module, item.context_expr) for item in block.items):
            yield Operation(module, block, "with", "TestClient")

    def _derived(self, module: Module) -> Iterator[ast.expr]:
        """Yield where a class derives from that of clients; its own instances stay as they are."""
        for node in nodes(module, ast.ClassDef):
            assert isinstance(node, ast.ClassDef)
            yield from (base for base in node.bases if self.is_class(module, base))

    def _is_named(self, module: Module) -> bool:
        """Tell whether an annotation, which may mean a derived class as well, names the class of clients."""
        return any(
            self.is_class(module, node) and not isinstance(module.parent(node), (ast.Call, ast.ClassDef))
            for node in loaded(module)
        )

    def _without_counterpart(self, module: Module) -> Iterator[ast.expr]:
        for node in nodes(module, ast.Attribute, ast.Call):
            if isinstance(node, ast.Attribute) and _is_client(self._kinds.of(module, node.value)):
                if node.attr not in _SAME and not (node.attr in _VERBS and _is_called(module, node)):
                    yield node
            elif isinstance(node, ast.Call) and self.is_class(module, node.func):
                names = {keyword.arg for keyword in node.keywords}
                if len(node.args) > 1 or not names <= ARGUMENTS or argument(node, "app", 0) is None:
                    yield node


def _is_client(kind: Type) -> bool:
    return isinstance(kind, Instance) and kind.cls in _CLASSES


def _is_called(module: Module, node: ast.expr) -> bool:
    call = module.parent(node)
    return isinstance(call, ast.Call) and call.func is node


def _loops_matter(kinds: Kinds, sources: Sources) -> bool:
    """Tell whether the tests use a database whose connections belong to the event loop that opened them."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for module in sources.modules:
        for call in nodes(module, ast.Call):
            assert isinstance(call, ast.Call)
            kind = kinds.of(module, call.func)
            if isinstance(kind, External) and kind.path in MAKERS:
                for place, node in kinds.stored(module, argument(call, "url", 0)):
                    urls = (parse(text) for text in texts(place, node).known)
                    found[is_test(module)] |= {url.backend for url in urls if url is not None}
    backends = found[True] or found[False] or set(sources.project.settings.drivers)
    return bool(backends) and backends != {"sqlite"}
