"""What calling a project function gives."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.inference.annotations import annotated
from flake8_async_sqla.semantics.inference.bindings import item_of, refine
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import COMPREHENSIONS
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.types import (
    UNKNOWN,
    Coroutine,
    External,
    Function,
    FunctionNode,
    Generator,
    Manager,
    ProjectClass,
    ProjectInstance,
    Type,
    join,
)

_MANAGERS = {"contextlib.asynccontextmanager": True, "contextlib.contextmanager": False}
_KEEPING = frozenset(
    {
        "contextlib.asynccontextmanager", "contextlib.contextmanager", "functools.cache", "functools.lru_cache",
        "functools.wraps", "functools.cached_property", "typing.override", "typing_extensions.override",
        "typing.no_type_check", "typing.overload", "abc.abstractmethod", "pydantic.computed_field",
        "builtins.property", "sqlalchemy.ext.hybrid.hybrid_property", "sqlalchemy.orm.validates", "pytest.fixture",
        "pytest_asyncio.fixture", "async_lru.alru_cache", "backoff.on_exception", "backoff.on_predicate",
        "beartype.beartype", "dependency_injector.wiring.inject", "logfire.instrument", "pydantic.validate_call",
        "sentry_sdk.trace", "stamina.retry", "tenacity.retry", "typing.final", "typing_extensions.deprecated",
        "typing_extensions.final", "warnings.deprecated",
    }
)  # fmt: skip
_ENDING = frozenset(
    {
        "builtins.exit", "builtins.quit", "os._exit", "os.abort", "pytest.exit", "pytest.fail", "pytest.skip",
        "pytest.xfail", "sys.exit",
    }
)  # fmt: skip
_BOTTOM = frozenset({"Never", "NoReturn"})
_KEEPING_NAMES = frozenset({"staticmethod", "classmethod", "property"})


def own_nodes(module: Module, node: FunctionNode, *kinds: type) -> Iterator[ast.AST]:
    """Iterate over nodes of some kinds in a function's own body; comprehensions count, nested functions do not."""
    found: list[ast.AST] = module.cached(("own", node, kinds), lambda: _own_nodes(module, node, kinds))
    return iter(found)


def _own_nodes(module: Module, node: FunctionNode, kinds: tuple[type, ...]) -> list[ast.AST]:
    scopes = module.index.scopes
    found: list[ast.AST] = []
    waiting = [scopes[node]]
    while waiting:
        nodes = waiting.pop().nodes
        found.extend(inner for inner in nodes if type(inner) in kinds)
        waiting.extend(scopes[inner] for inner in reversed(nodes) if type(inner) in COMPREHENSIONS)
    return found


def is_generator(module: Module, node: FunctionNode) -> bool:
    """Tell whether a function is a generator, async or not."""
    return next(own_nodes(module, node, ast.Yield, ast.YieldFrom), None) is not None


def is_stub(node: FunctionNode) -> bool:
    """Tell whether a function has no body of its own: it stands for those that override it."""
    for found in node.body:
        if not isinstance(found.value if isinstance(found, ast.Expr) else found, (ast.Constant, ast.Pass, ast.Raise)):
            return False
    return True


def manager_decorator(module: Module, node: FunctionNode) -> ast.expr | None:
    """Find the ``@asynccontextmanager`` or ``@contextmanager`` of a function."""
    for decorator in node.decorator_list:
        kind = module.type_of(decorator)
        if isinstance(kind, External) and kind.path in _MANAGERS:
            return decorator
    return None


def manager_kind(module: Module, node: FunctionNode) -> bool | None:
    """Tell whether ``@asynccontextmanager`` (True) or ``@contextmanager`` (False) decorates a function; else None."""
    kind = module.type_of(manager_decorator(module, node))
    return _MANAGERS[kind.path] if isinstance(kind, External) else None


def transparent(module: Module, node: FunctionNode) -> bool:
    """Tell whether all decorators are known to leave a call's result alone."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Name) and decorator.id in _KEEPING_NAMES:
            continue
        if isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "getter", "deleter"):
            continue
        kind = module.type_of(uncalled(decorator))
        if isinstance(kind, External) and (kind.path in _KEEPING or kind.path.startswith("pytest.mark.")):
            continue
        if not registers(module, decorator):
            return False
    return True


def registers(module: Module, decorator: ast.expr, holder: Type | None = None) -> bool:
    """Tell whether a decorator is a web framework's, which registers a function and returns it as it is.

    Args:
        module: The module.
        decorator: The decorator.
        holder: The type of the object whose method it is, where more is known than the module tells.
    """
    from flake8_async_sqla.facts.frameworks import APPLICATIONS
    from flake8_async_sqla.semantics.inference.classes import is_a, lineage, scope_of_class

    target = uncalled(decorator)
    if not isinstance(target, ast.Attribute):
        return False
    holder = module.type_of(target.value) if holder is None else holder
    if isinstance(holder, ProjectInstance):
        own = [scope_of_class(cls).names for cls in lineage(holder.cls) if isinstance(cls, ProjectClass)]
        if any(name in names for names in own for name in (target.attr, "api_route", "add_api_route")):
            return False
    return is_a(holder, *APPLICATIONS)


def result(function: Function) -> Type:
    """Infer what a call of a function gives."""
    module, node = function.module, function.node
    if not transparent(module, node):
        return UNKNOWN
    is_async = isinstance(node, ast.AsyncFunctionDef)
    scope = module.scope_of(node)
    declared = annotated(module, node.returns, scope) if node.returns is not None else UNKNOWN
    if is_generator(module, node):
        item = _yielded(module, node, declared)
        manager = manager_kind(module, node)
        return Generator(item, is_async, function) if manager is None else Manager(item, manager)
    if isinstance(declared, Generator) and is_async and is_stub(node):
        return declared
    inferred = join([module.type_of(value) for value in returned(module, node)])
    if isinstance(inferred, Coroutine) and not is_async:
        return inferred
    value = refine(declared, inferred)
    return Coroutine(value) if is_async else value


def _yielded(module: Module, node: FunctionNode, declared: Type) -> Type:
    yields = [found.value for found in own_nodes(module, node, ast.Yield) if isinstance(found, ast.Yield)]
    inferred = join([module.type_of(value) for value in yields if value is not None])
    if isinstance(declared, Generator):
        return refine(item_of(declared), inferred)
    return inferred if inferred is not UNKNOWN else declared


def returned(module: Module, node: FunctionNode) -> list[ast.expr]:
    """List the expressions that a function returns."""
    found = (item.value for item in own_nodes(module, node, ast.Return) if isinstance(item, ast.Return))
    return [value for value in found if value is not None]


def never_returns(module: Module, node: ast.stmt) -> bool:
    """Tell whether a statement is a call that raises always or ends the program: ``sys.exit()``, ``-> NoReturn``."""
    awaited = isinstance(node, ast.Expr) and isinstance(node.value, ast.Await)
    call = node.value.value if awaited else getattr(node, "value", None)  # type: ignore[attr-defined]
    kind = module.type_of(call.func) if isinstance(node, ast.Expr) and isinstance(call, ast.Call) else UNKNOWN
    if isinstance(kind, External):
        return kind.path in _ENDING
    if not isinstance(kind, Function) or isinstance(kind.node, ast.AsyncFunctionDef) is not awaited:
        return False
    declared = kind.node.returns
    name = declared.value if isinstance(declared, ast.Constant) else ast.unparse(declared) if declared else ""
    if str(name).rpartition(".")[2] in _BOTTOM:
        return True
    if not _raises(kind.node.body) or (kind.receiver is not None and is_stub(kind.node)):
        return False
    leaves = next(own_nodes(kind.module, kind.node, ast.Return, ast.Yield, ast.YieldFrom), None)
    return leaves is None and transparent(kind.module, kind.node)


def _raises(body: list[ast.stmt]) -> bool:
    last = body[-1] if body else None
    if isinstance(last, ast.If):
        return _raises(last.body) and _raises(last.orelse)
    return isinstance(last, ast.Raise)
