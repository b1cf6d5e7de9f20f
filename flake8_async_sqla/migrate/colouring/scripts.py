"""Scripts: statements that work with the database when a file is run, and become one coroutine function."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from flake8_async_sqla.migrate.colouring.roles import in_main_guard
from flake8_async_sqla.migrate.components import imports
from flake8_async_sqla.migrate.project import Sources, home
from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Instance

_RUNNING = frozenset({"run", "run_until_complete", "main"})
_SERVED = ("aiohttp.", "celery.", "django.", "fastapi.", "flask.", "litestar.", "quart.", "sanic.", "starlette.")


class Scripts:
    """The statements of modules that become coroutine functions.

    Attributes:
        places: What has to be awaited outside of functions, by the module.
    """

    def __init__(self, sources: Sources) -> None:
        """Look at nothing yet."""
        self._sources = sources
        self.places: dict[Module, list[ast.AST]] = {}

    def holds(self, module: Module, node: ast.AST) -> bool:
        """Tell whether a node stands among these statements."""
        around = {node, *module.ancestors(node)}
        return any(statement in around for body in self.bodies(module) for statement in body)

    def bodies(self, module: Module) -> list[Sequence[ast.stmt]]:
        """List the blocks of a module that become coroutine functions."""
        found: dict[ast.AST, Sequence[ast.stmt]] = {}
        for node in self.places.get(module, ()):
            guard = _guard(module, node)
            if guard is not None:
                found[guard] = guard.body
        own = [_top(module, node) for node in self.places.get(module, ()) if not in_main_guard(module, node)]
        if own:
            found[module.tree] = module.tree.body[min(module.tree.body.index(statement) for statement in own) :]
        return list(found.values())

    def in_the_way(self, module: Module) -> str:
        """Say why the statements cannot become a coroutine function; empty if they can."""
        bodies = self.bodies(module)
        alone = all(in_main_guard(module, node) for node in self.places[module])
        if is_test(module) or len(bodies) != 1 or not (alone or not self._is_imported(module)):
            return "code that runs at import"
        (body,) = bodies
        inside = {node for statement in body for node in ast.walk(statement)}
        if not alone and _has_application(module, inside):
            return "code that runs at import"
        if any(name in _RUNNING for name in _called(module, inside)) or _shared(module, inside):
            return "code that runs at import"
        return (
            "code that runs at import"
            if any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in inside)
            else ""
        )

    def _is_imported(self, module: Module) -> bool:
        return any(module in imports(other) for other in self._sources.modules if other is not module)


def _has_application(module: Module, inside: Iterable[ast.AST]) -> bool:
    """Tell whether a server, a worker or a command line may load something that statements make."""
    for node in inside:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.decorator_list:
            return True
        if isinstance(node, ast.Call) and home(module, node).kind == "module":
            kinds = module.type_of(node), module.type_of(node.func)
            paths = [kind.cls if isinstance(kind, Instance) else getattr(kind, "path", "") for kind in kinds]
            if any(isinstance(path, str) and path.startswith(_SERVED) for path in paths):
                return True
    return False


def _guard(module: Module, node: ast.AST) -> ast.If | None:
    if not in_main_guard(module, node):
        return None
    return next(
        outer for outer in module.ancestors(node) if isinstance(outer, ast.If) and module.parent(outer) is module.tree
    )


def _top(module: Module, node: ast.AST) -> ast.stmt:
    return next(outer for outer in (node, *module.ancestors(node)) if module.parent(outer) is module.tree)  # type: ignore[return-value]


def _called(module: Module, inside: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the names of what is called outside of inner functions."""
    for node in inside:
        if isinstance(node, ast.Call) and home(module, node).kind == "module":
            yield node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _shared(module: Module, inside: set[ast.AST]) -> bool:
    """Tell whether functions outside of statements read what these bind."""
    top = module.index.top
    names = {name for name, found in top.names.items() if any(binding.node in inside for binding in found)}
    return any(
        use not in inside and scope is not top and (held := scope.lookup(name)) is not None and held[0] is top
        for scope in module.index.scopes.values()
        for name in names
        for use in scope.loads.get(name, ())
    )
