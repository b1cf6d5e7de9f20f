"""What a function is for whoever calls it, and so whether it can become a coroutine function."""

from __future__ import annotations

import ast
from typing import Literal, NamedTuple, TypeAlias

from flake8_async_sqla.migrate.colouring.decorators import wrapping
from flake8_async_sqla.migrate.colouring.entering import ASYNCHRONOUS, protocol
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.inference.classes import is_a, is_class, lineage
from flake8_async_sqla.semantics.inference.functions import manager_kind, registers
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.types import UNKNOWN, External, Function, Instance, ProjectClass

Kind: TypeAlias = Literal["free", "command", "entry", "test", "fixture", "barrier"]

_FIXTURES = frozenset({"pytest.fixture", "pytest_asyncio.fixture"})
_KEEPING = frozenset(
    {
        "abc.abstractmethod", "contextlib.asynccontextmanager", "contextlib.contextmanager", "functools.wraps",
        "typing.no_type_check", "typing.overload", "typing.override", "typing_extensions.override",
        "tenacity.retry", "backoff.on_exception", "backoff.on_predicate",
        "dependency_injector.wiring.inject", "injector.inject",
        "strawberry.field", "strawberry.mutation", "strawberry.type.field",
        "pydantic.validate_call", "beartype.beartype", "typeguard.typechecked",
        "loguru.logger.catch", "sentry_sdk.trace", "starlette.authentication.requires",
        "fastapi_utils.tasks.repeat_every", "fastapi_restful.tasks.repeat_every",
        "unittest.mock.patch", "unittest.mock.patch.object", "unittest.mock.patch.dict", "unittest.mock.patch.multiple",
        "mock.patch", "mock.patch.object", "mock.patch.dict", "mock.patch.multiple",
        "freezegun.freeze_time", "time_machine.travel", "responses.activate", "respx.mock", "vcr.use_cassette",
        "flaky.flaky", "hypothesis.given", "hypothesis.settings",
    }
)  # fmt: skip
# Decorators that are methods, of these classes; each tells coroutine functions from others.
_KEEPING_METHODS = {"slowapi.Limiter": ("limit", "shared_limit", "exempt")}
_KEEPING_NAMES = frozenset({"staticmethod", "classmethod"})
_COMMANDS = frozenset({"click.command", "click.group", "celery.shared_task", "dramatiq.actor"})
_COMMAND_HOLDERS = ("click.", "typer.", "celery.", "rq.", "huey.")
_FLASK = ("flask.Flask", "flask.Blueprint", "flask.app.Flask", "flask.blueprints.Blueprint")
_ONCE = ("click.", "typer.")
_COMMAND_NAMES = frozenset({"command", "callback", "task", "periodic_task"})
_CASES = ("unittest.TestCase", "unittest.case.TestCase")
_HOOKS = ("pytest_", "setup_", "teardown_")
_ENDPOINTS = ("starlette.endpoints.HTTPEndpoint",)
_VERBS = frozenset({"delete", "get", "head", "options", "patch", "post", "put"})
# Classes whose instances nobody but the project calls methods of.
_PLAIN_BASES = (
    "abc.",
    "builtins.",
    "contextlib.AbstractContextManager",
    "enum.",
    "pydantic.",
    "sqlalchemy.orm.",
    "sqlmodel.",
    "typing.",
    "typing_extensions.",
)
_ASYNC_DUNDERS = frozenset({"__call__"})


class Role(NamedTuple):
    """What a function is.

    Attributes:
        kind: ``free`` functions can become coroutine functions, a ``command`` runs once in a process, an ``entry`` is
            called by something else that does not await, ``test`` and ``fixture`` are pytest's, a ``barrier`` has to
            stay as it is.
        reason: Why a barrier or entry stays.
    """

    kind: Kind
    reason: str = ""


def role(kinds: Kinds, function: Function) -> Role:
    """Say what a function is."""
    module, node = function.module, function.node
    if isinstance(node, ast.AsyncFunctionDef):
        return Role("free")
    owner = module.scope_of(node)
    dunder = node.name.startswith("__") and node.name.endswith("__")
    if owner.kind == "class" and dunder and node.name not in _ASYNC_DUNDERS and not is_protocol(function):
        return Role("barrier", f"Python calls {node.name}() and does not await it")
    if isinstance(owner.node, ast.ClassDef) and is_class(ProjectClass(module, owner.node), *_CASES):
        return Role("barrier", "unittest calls it and does not await it; IsolatedAsyncioTestCase would")
    if is_test(module) and node.name.startswith(_HOOKS):
        return Role("barrier", "pytest calls it and does not await it")
    for decorator in node.decorator_list:
        found = _decorated(kinds, module, decorator)
        if found is not None and (found.kind != "barrier" or wrapping(kinds, function, decorator) is None):
            return found
    if is_test(module) and node.name.startswith("test") and owner.kind in ("module", "class"):
        return Role("test")
    return Role("free")


def is_protocol(function: Function) -> bool:
    """Tell whether a method is one of the two by which ``with`` enters and leaves an object."""
    owner = function.module.scope_of(function.node).node
    known = function.node.name in ASYNCHRONOUS and isinstance(owner, ast.ClassDef) and not function.node.decorator_list
    return known and isinstance(owner, ast.ClassDef) and protocol(ProjectClass(function.module, owner)) is not None


def overridden_base(kinds: Kinds, function: Function) -> str:
    """Name the library's class that may call a method, since the method's class derives from it; empty if none does."""
    owner = function.module.scope_of(function.node).node
    if not isinstance(owner, ast.ClassDef) or function.node.decorator_list:
        return ""
    if function.node.name in _VERBS and is_class(ProjectClass(function.module, owner), *_ENDPOINTS):
        return ""
    for cls in lineage(ProjectClass(function.module, owner)):
        for base in cls.node.bases if isinstance(cls, ProjectClass) else ():
            target = base.value if isinstance(base, ast.Subscript) else base
            kind = kinds.of(cls.module, target) if isinstance(cls, ProjectClass) else UNKNOWN
            plain = isinstance(kind, ProjectClass) or (
                isinstance(kind, External) and kind.path.startswith(_PLAIN_BASES)
            )
            declarative = isinstance(kind, Instance) or ast.unparse(base) in ("object", "Base")
            if not plain and not declarative:
                return ast.unparse(base)
    return ""


def _decorated(kinds: Kinds, module: Module, decorator: ast.expr) -> Role | None:
    target = uncalled(decorator)
    name = ast.unparse(target)
    holder = kinds.of(module, target.value) if isinstance(target, ast.Attribute) else UNKNOWN
    if is_a(holder, *_FLASK):
        return Role("barrier", "Flask runs each coroutine in an event loop of its own, and connections belong to one")
    if name in _KEEPING_NAMES or registers(module, decorator, holder) or name.startswith(("pytest.mark.", "mark.")):
        return None
    kind = kinds.of(module, target)
    path = kind.path if isinstance(kind, External) else ""
    if path in _FIXTURES:
        return Role("fixture")
    if path in _KEEPING or _is_known_method(kinds, module, target):
        return None
    if commanding := path if path in _COMMANDS else _commanding(kinds, module, target):
        return Role("command" if commanding.startswith(_ONCE) else "entry", f"@{name} calls it without awaiting it")
    if name.endswith(("property", ".setter", ".getter", ".expression", ".comparator")):
        return Role("barrier", f"it is a {name.rpartition('.')[2]}: reading an attribute cannot await")
    return Role("barrier", f"it is not known whether @{name} works on a coroutine function")


def _is_known_method(kinds: Kinds, module: Module, target: ast.expr) -> bool:
    holder = kinds.of(module, target.value) if isinstance(target, ast.Attribute) else None
    name = target.attr if isinstance(target, ast.Attribute) else ""
    return isinstance(holder, Instance) and name in _KEEPING_METHODS.get(holder.cls, ())


def _commanding(kinds: Kinds, module: Module, target: ast.expr) -> str:
    """Name the class whose method makes a command or task of a function; empty if none does."""
    if not isinstance(target, ast.Attribute) or target.attr not in _COMMAND_NAMES:
        return ""
    holder = kinds.of(module, target.value)
    if isinstance(holder, Instance):
        return holder.cls if holder.cls.startswith(_COMMAND_HOLDERS) else ""
    return "click.Group" if isinstance(holder, Function) and role(kinds, holder).kind == "command" else ""


def in_main_guard(module: Module, node: ast.AST) -> bool:
    """Tell whether a node runs under ``if __name__ == "__main__":``, at module level."""
    for outer in module.ancestors(node):
        if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            return False
        if isinstance(outer, ast.If) and "__name__" in ast.unparse(outer.test):
            return True
    return False


def is_manager(function: Function) -> bool:
    """Tell whether ``@contextmanager`` decorates a function."""
    return manager_kind(function.module, function.node) is not None
