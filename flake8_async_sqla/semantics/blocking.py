"""Where a coroutine does synchronous database IO, and with which engine."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from flake8_async_sqla.semantics.calls import ENGINE, SESSION
from flake8_async_sqla.semantics.classes import is_a
from flake8_async_sqla.semantics.functions import manager_kind, own_nodes, registers
from flake8_async_sqla.semantics.importers import importers
from flake8_async_sqla.semantics.index import parameters
from flake8_async_sqla.semantics.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.origins import engine_origin, factory_of, origin_of
from flake8_async_sqla.semantics.types import External, Function, Instance, Member, Origin, ProjectInstance

CONNECTION = "sqlalchemy.Connection"
_IO = {
    SESSION: frozenset(
        {
            "execute", "exec", "scalar", "scalars", "query", "get", "get_one", "commit", "flush", "refresh", "merge",
            "rollback", "bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings", "connection",
        }
    ),
    ENGINE: frozenset({"connect", "begin", "raw_connection", "execute"}),
    CONNECTION: frozenset({"execute", "scalar", "scalars", "exec_driver_sql", "commit", "rollback"}),
}  # fmt: skip
MAX_CALLS = 3


@dataclass(frozen=True, slots=True)
class BlockingUse:
    """A blocking call that runs on the event loop.

    Attributes:
        module: The module of the coroutine.
        coroutine: The coroutine function.
        call: The call in it that blocks, directly or by way of a helper.
    """

    module: Module
    coroutine: ast.AsyncFunctionDef
    call: ast.Call

    def describe(self, home: Module) -> str:
        """Name the coroutine and its place, as seen from another module."""
        place = f"line {self.call.lineno}" if self.module == home else f"{self.module.relative_path}:{self.call.lineno}"
        return f"coroutine '{self.coroutine.name}' ({place})"


def blocking_use(module: Module, made: Origin, *, factory: bool = False) -> BlockingUse | None:
    """Find a coroutine that does IO on what a call made, in its module or in one that imports it.

    Args:
        module: The module of the call.
        made: The call of ``create_engine``, or with ``factory`` of ``sessionmaker``.
        factory: Whether ``made`` is a factory.
    """
    for place in [module, *importers(module)]:
        for coroutine in coroutines(place):
            for call, receiver in blocking_calls(place, coroutine):
                found = origin_of(factory_of(receiver)) if factory else engine_origin(receiver)
                if found == made:
                    return BlockingUse(place, coroutine, call)
    return None


def coroutines(module: Module) -> Iterator[ast.AsyncFunctionDef]:
    """Yield the coroutine functions of a module that share their event loop with others."""
    if is_test(module):
        return
    for node in module.index.scopes:
        if isinstance(node, ast.AsyncFunctionDef) and not _alone(module, node):
            yield node


def is_test(module: Module) -> bool:
    """Tell whether a module belongs to the tests, by its path."""
    folders, _, name = f"/{module.relative_path}".rpartition("/")
    return name == "conftest.py" or name.startswith("test_") or name.endswith("_test.py") or "/tests" in folders


def _alone(module: Module, node: ast.AsyncFunctionDef) -> bool:
    """Tell whether a coroutine runs while nothing else does: at start-up, or as the whole of ``asyncio.run()``."""
    if manager_kind(module, node) and len(node.args.args) <= 1:
        return True
    for decorator in node.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(target, ast.Attribute) and target.attr in ("on_event", "on_startup", "listener"):
            return registers(module, decorator)
    for use in module.index.top.loads.get(node.name, ()):
        call = module.parent(use)
        outer = module.parent(call) if isinstance(call, ast.Call) and call.func is use else None
        if isinstance(outer, ast.Call) and callee(module, outer) in ("asyncio.run", "anyio.run"):
            return True
    return False


def blocking_calls(module: Module, node: ast.AsyncFunctionDef) -> Iterator[tuple[ast.Call, Instance | ProjectInstance]]:
    """Yield the calls in a coroutine's own body that do IO on a sync object, with the type of that object."""
    for call in own_nodes(module, node, ast.Call):
        assert isinstance(call, ast.Call)
        if isinstance(module.parent(call), ast.Await):
            continue
        kind = module.type_of(call.func)
        if isinstance(kind, Member):
            if does_io(kind):
                yield call, kind.receiver
        elif isinstance(kind, Function) and isinstance(kind.node, ast.FunctionDef):
            for argument, name in arguments(kind, call):
                passed = module.type_of(argument)
                if isinstance(passed, (Instance, ProjectInstance)) and is_a(passed, *_IO) and uses(kind, name):
                    yield call, passed


def does_io(member: Member) -> bool:
    """Tell whether calling a method of a sync engine, connection or session talks to the database."""
    return any(is_a(member.receiver, cls) and member.name in names for cls, names in _IO.items())


def arguments(function: Function, call: ast.Call) -> Iterator[tuple[ast.expr, str]]:
    """Pair the arguments of a call with the names of the parameters that take them."""
    names = [argument.arg for argument, _ in parameters(function.node.args)]
    if function.receiver is not None:
        names = names[1:]
    for position, value in enumerate(call.args):
        if isinstance(value, ast.Starred) or position >= len(names):
            break
        yield value, names[position]
    for keyword in call.keywords:
        if keyword.arg in names:
            yield keyword.value, keyword.arg


def uses(function: Function, name: str, depth: int = MAX_CALLS) -> bool:
    """Tell whether a sync function does IO through the session, connection or engine that one parameter takes."""
    module, node = function.module, function.node
    methods = frozenset().union(*_IO.values())
    for call in own_nodes(module, node, ast.Call):
        assert isinstance(call, ast.Call)
        func = call.func
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id == name:
            if func.attr in methods:
                return True
        kind = module.type_of(func) if depth > 1 else External("")
        if isinstance(kind, Function) and isinstance(kind.node, ast.FunctionDef):
            for argument, inner in arguments(kind, call):
                if isinstance(argument, ast.Name) and argument.id == name and uses(kind, inner, depth - 1):
                    return True
    return False
